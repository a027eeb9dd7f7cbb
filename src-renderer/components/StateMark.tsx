/** A state shown by icon and word. The colour is additional. */
import { useTranslation } from 'react-i18next'
import type { GrantState, OutboxState } from '../../src-core/contract/shares.ts'
import { Icon } from './Icon.tsx'
import type { IconName } from './Icon.tsx'
import styles from './StateMark.module.css'

type State = GrantState | OutboxState
const MARKS: Record<State, readonly [IconName, 'good' | 'warning' | 'bad' | 'plain']> = {
  held: ['clock', 'warning'],
  queued: ['clock', 'plain'],
  preparing: ['images', 'plain'],
  prepared: ['images', 'plain'],
  uploading: ['send', 'plain'],
  confirming: ['send', 'plain'],
  waiting: ['clock', 'warning'],
  paused: ['pause', 'warning'],
  delivered: ['check', 'good'],
  notified: ['check', 'good'],
  opened: ['eye', 'good'],
  undeliverable: ['warning', 'bad'],
  blocked: ['blocked', 'bad'],
  expired: ['clock', 'plain'],
  withdrawn: ['cancel', 'plain'],
  failed: ['warning', 'bad'],
  cancelled: ['cancel', 'plain'],
}

export function StateMark({ state, of }: { readonly state: State; readonly of: 'outbox' | 'status' }) {
  const { t } = useTranslation('workstation')
  const [icon, tone] = MARKS[state]
  const word = of === 'outbox' ? t(`outbox.state.${state as OutboxState}`) : t(`status.state.${state as GrantState}`)
  return (
    <span className={styles.mark} data-tone={tone}>
      <Icon name={icon} size={15} />
      {word}
    </span>
  )
}
