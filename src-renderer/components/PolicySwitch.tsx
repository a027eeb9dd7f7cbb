/** A switch that a policy may fix. It is then shown locked, with the reason. */
import { Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Icon } from './Icon.tsx'
import styles from './SharePanel.module.css'

interface PolicySwitchProps {
  readonly label: string
  readonly hint?: string
  readonly checked: boolean
  /** Whether the department's policy fixes the value. */
  readonly locked?: boolean
  onChange(checked: boolean): void
}

export function PolicySwitch({ label, hint, checked, locked = false, onChange }: PolicySwitchProps) {
  const { t } = useTranslation('share')
  return (
    <div className={styles.policy}>
      <Switch
        label={label}
        checked={checked}
        aria-disabled={locked}
        onChange={(event) => {
          if (!locked) onChange(event.currentTarget.checked)
        }}
        description={locked ? undefined : hint}
        withThumbIndicator={!locked}
      />
      {locked && (
        <span className={styles.locked}>
          <Icon name="lock" size={13} />
          {t('safe.fixed')}
        </span>
      )}
    </div>
  )
}
