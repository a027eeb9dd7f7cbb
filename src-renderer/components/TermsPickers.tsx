/**
 * The other terms of a share: protection, reason, the patient's agreement, message. A term that a policy fixes is shown
 * locked.
 */
import { Checkbox, NativeSelect, Radio, TextInput, Textarea } from '@mantine/core'
import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { Language } from '../../src-core/contract/identifiers.ts'
import type { SharePolicy } from '../../src-core/contract/terms.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { LANGUAGE_NAMES } from '../../src-ui/i18n.ts'
import { Icon } from './Icon.tsx'
import { PolicySwitch } from './PolicySwitch.tsx'
import { Section } from './Section.tsx'
import styles from './SharePanel.module.css'

interface TermsProps {
  readonly terms: ShareTerms
  readonly policy: SharePolicy
  onChange(terms: Partial<ShareTerms>): void
}

export function SafetyPicker({ terms, policy, onChange }: TermsProps) {
  const { t } = useTranslation('share')
  const onlyRight = policy.rights.length === 1 ? policy.rights[0] : undefined
  return (
    <Section title={t('safe.title')}>
      <PolicySwitch
        label={t('safe.twoFactor')}
        hint={t('safe.twoFactorHint')}
        checked={terms.twoFactor}
        locked={policy.twoFactor === 'required'}
        onChange={(twoFactor) => onChange({ twoFactor })}
      />
      <PolicySwitch
        label={t('safe.sendMail')}
        hint={t('safe.sendMailHint')}
        checked={terms.sendMail}
        locked={policy.sendMail === 'required'}
        onChange={(sendMail) => onChange({ sendMail })}
      />
      {terms.anonymize ? (
        <p className={styles.dimmed}>{t('safe.rightAnonymized')}</p>
      ) : onlyRight !== undefined ? (
        <div className={styles.policy}>
          <span>
            {t('safe.right')}: {t(`safe.rights.${onlyRight}`)}
          </span>
          <span className={styles.locked} title={t('safe.oneRight')}>
            <Icon name="lock" size={13} />
            {t('safe.fixed')}
          </span>
        </div>
      ) : (
        <Radio.Group
          label={t('safe.right')}
          value={terms.right}
          onChange={(right) => onChange({ right: right as ShareTerms['right'] })}
        >
          <div style={{ display: 'grid', gap: 6, marginTop: 6 }}>
            {policy.rights.map((right) => (
              <Radio key={right} value={right} label={t(`safe.rights.${right}`)} />
            ))}
          </div>
        </Radio.Group>
      )}
      <PolicySwitch
        label={t('safe.further')}
        hint={t('safe.furtherHint')}
        checked={terms.furtherSharing}
        locked={policy.furtherSharing === 'forbidden'}
        onChange={(furtherSharing) => onChange({ furtherSharing })}
      />
    </Section>
  )
}

export function ReasonPicker({
  terms,
  policy,
  onChange,
  problem,
  ref,
}: TermsProps & { readonly problem: boolean; readonly ref: Ref<HTMLInputElement> }) {
  const { t } = useTranslation(['share', 'errors'])
  return (
    <Section title={t('why.title')}>
      {policy.reasons.length > 0 && (
        <ul className={styles.chips} aria-label={t('why.predefined')}>
          {policy.reasons.map((reason) => (
            <li key={reason}>
              <button
                type="button"
                className={styles.chip}
                aria-pressed={terms.reason === reason}
                onClick={() => onChange({ reason: terms.reason === reason ? '' : reason })}
              >
                {reason}
              </button>
            </li>
          ))}
        </ul>
      )}
      <TextInput
        ref={ref}
        label={t('why.reason')}
        description={t('why.reasonHint')}
        value={terms.reason}
        maxLength={500}
        required
        error={problem ? t('reason-required', { ns: 'errors' }) : undefined}
        onChange={(event) => onChange({ reason: event.currentTarget.value })}
      />
    </Section>
  )
}

export function AgreedPicker({
  terms,
  onChange,
  problem,
  ref,
}: Omit<TermsProps, 'policy'> & { readonly problem: boolean; readonly ref: Ref<HTMLInputElement> }) {
  const { t } = useTranslation(['share', 'errors'])
  return (
    <Section title={t('agreed.title')}>
      <Checkbox
        ref={ref}
        label={t('agreed.label')}
        description={t('agreed.hint')}
        checked={terms.patientAgreed}
        error={problem ? t('patient-not-agreed', { ns: 'errors' }) : undefined}
        onChange={(event) => onChange({ patientAgreed: event.currentTarget.checked })}
      />
    </Section>
  )
}

export function MessagePicker({ terms, onChange }: Omit<TermsProps, 'policy'>) {
  const { t } = useTranslation('share')
  return (
    <Section title={t('message.title')}>
      <Textarea
        label={t('message.label')}
        description={t('message.hint')}
        value={terms.message}
        autosize
        minRows={3}
        maxRows={10}
        maxLength={10_000}
        onChange={(event) => onChange({ message: event.currentTarget.value })}
      />
      {terms.sendMail && (
        <NativeSelect
          label={t('message.language')}
          value={terms.mailLanguage ?? ''}
          data={[
            { value: '', label: t('message.languageAuto') },
            ...Language.options.map((language) => ({ value: language, label: LANGUAGE_NAMES[language] })),
          ]}
          onChange={(event) =>
            onChange({
              mailLanguage: event.currentTarget.value === '' ? null : Language.parse(event.currentTarget.value),
            })
          }
        />
      )}
      <PolicySwitch
        label={t('message.urgent')}
        hint={t('message.urgentHint')}
        checked={terms.urgent}
        onChange={(urgent) => onChange({ urgent })}
      />
    </Section>
  )
}
