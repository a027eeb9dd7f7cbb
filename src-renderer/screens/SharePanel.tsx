/** The share panel: its questions, and one button that names what will be shared with whom. */
import { Button } from '@mantine/core'
import { useRef, useState } from 'react'
import type { FormEvent, RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Icon } from '../components/Icon.tsx'
import { SeveralPatientsDialog } from '../components/SeveralPatientsDialog.tsx'
import styles from '../components/SharePanel.module.css'
import { AgreedPicker, MessagePicker, ReasonPicker, SafetyPicker } from '../components/TermsPickers.tsx'
import { ValidityPicker } from '../components/ValidityPicker.tsx'
import { codeOfFailure } from '../state/client.ts'
import type { Draft, DraftDefaults, DraftEvent, Missing } from '../state/draft.ts'
import { useDraftDetails, type DraftDetails } from '../state/draft-details.ts'
import { usePatientNames } from '../state/patients.ts'
import { RecipientSection } from './RecipientSection.tsx'
import { SelectionSection } from './SelectionSection.tsx'

interface SharePanelProps {
  readonly study: StudyRow
  readonly draft: Draft
  readonly defaults: DraftDefaults
  readonly sending: boolean
  readonly failure: unknown
  readonly undone: boolean
  readonly searchRef: RefObject<HTMLInputElement | null>
  readonly previewing: boolean
  change(event: DraftEvent): void
  /** @param confirmedPatients the review's patientsShown, where a person confirmed several patients */
  onShare(confirmedPatients?: string): void
  onPreview(): void
}

export function SharePanel(props: SharePanelProps) {
  const { study, draft, defaults, sending, searchRef, change, onShare } = props
  const { t } = useTranslation('share')
  const [tried, setTried] = useState(false)
  const [confirming, setConfirming] = useState(false)
  const reason = useRef<HTMLInputElement>(null)
  const agreed = useRef<HTMLInputElement>(null)
  const scroll = useRef<HTMLDivElement>(null)
  const details = useDraftDetails(study, draft, defaults.policy)
  const { patients, missing } = details
  const names = usePatientNames()(patients)
  const label = useShareLabel(draft, details)
  const focusFirst = (first: Missing): void => {
    if (first === 'reason') reason.current?.focus()
    else if (first === 'agreed') agreed.current?.focus()
    else if (first === 'recipient' || first === 'mobile') searchRef.current?.focus()
    else
      scroll.current
        ?.querySelector<HTMLElement>('[role="alert"], [aria-labelledby="refusals-title"]')
        ?.scrollIntoView({ block: 'center' })
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (sending) return
    setTried(true)
    const [first] = missing
    if (first !== undefined) focusFirst(first)
    else if (patients.length > 1) setConfirming(true)
    else onShare()
  }
  return (
    <form
      className={styles.panel}
      onSubmit={submit}
      noValidate
      aria-label={t('title')}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit()
      }}
    >
      <div className={styles.scroll} ref={scroll}>
        {props.undone && (
          <p className={styles.summary} role="status">
            {t('confirmation.undone')}
          </p>
        )}
        {patients.length > 1 && (
          <p className={styles.problem} role="alert">
            {t('patients.warning', { count: patients.length, names })}
          </p>
        )}
        <RecipientSection searchRef={searchRef} draft={draft} policy={defaults.policy} change={change} />
        <SelectionSection study={study} draft={draft} policy={defaults.policy} details={details} change={change} />
        <TermsSections
          draft={draft}
          policy={defaults.policy}
          today={details.today}
          problems={tried ? missing : []}
          reasonRef={reason}
          agreedRef={agreed}
          change={change}
        />
      </div>
      <PanelFoot {...props} label={label} missing={missing} tried={tried} />
      <SeveralPatientsDialog
        opened={confirming}
        patients={patients}
        label={label}
        onConfirm={() => {
          setConfirming(false)
          onShare(details.review?.patientsShown)
        }}
        onClose={() => setConfirming(false)}
      />
    </form>
  )
}

/** The text of the Share button: what is shared, of whom, and with how many recipients. */
function useShareLabel(draft: Draft, { review, patients }: DraftDetails): string {
  const { t } = useTranslation('share')
  const name = usePatientNames()(patients)
  return t('button', {
    studies: t('what.studies', { count: review?.studies ?? draft.selection.studies.length }),
    patient: draft.terms.anonymize ? t('anonymous', { patient: name }) : name,
    recipients: t('recipients', { count: draft.recipients.length }),
  })
}

interface TermsSectionsProps {
  readonly draft: Draft
  readonly policy: DraftDefaults['policy']
  readonly today: string
  /** Missing entries that are marked. */
  readonly problems: readonly Missing[]
  readonly reasonRef: RefObject<HTMLInputElement | null>
  readonly agreedRef: RefObject<HTMLInputElement | null>
  change(event: DraftEvent): void
}

function TermsSections({ draft, policy, today, problems, reasonRef, agreedRef, change }: TermsSectionsProps) {
  const terms = (changes: Partial<Draft['terms']>): void => change({ type: 'terms', terms: changes })
  return (
    <>
      <ValidityPicker
        policy={policy.validity}
        validity={draft.terms.validity}
        today={today}
        onChange={(validity) => terms({ validity })}
      />
      <SafetyPicker terms={draft.terms} policy={policy} onChange={terms} />
      <ReasonPicker
        ref={reasonRef}
        terms={draft.terms}
        policy={policy}
        onChange={terms}
        problem={problems.includes('reason')}
      />
      <AgreedPicker ref={agreedRef} terms={draft.terms} onChange={terms} problem={problems.includes('agreed')} />
      <MessagePicker terms={draft.terms} onChange={terms} />
    </>
  )
}

interface PanelFootProps extends Pick<SharePanelProps, 'failure' | 'sending' | 'previewing' | 'onPreview'> {
  readonly label: string
  readonly missing: readonly Missing[]
  /** Whether the person has pressed Share. */
  readonly tried: boolean
}

function PanelFoot({ failure, sending, previewing, onPreview, label, missing, tried }: PanelFootProps) {
  const { t } = useTranslation('share')
  return (
    <footer className={styles.foot}>
      {failure != null && <ErrorMessage code={codeOfFailure(failure)} />}
      <p className={styles.needed} data-tried={tried && missing.length > 0} role="status">
        {missing.length > 0 && `${t('missing.title')}: ${missing.map((entry) => t(`missing.${entry}`)).join(', ')}`}
      </p>
      <Button variant="default" aria-expanded={previewing} leftSection={<Icon name="eye" />} onClick={onPreview}>
        {t('preview.button')}
      </Button>
      <Button
        type="submit"
        px="sm"
        className={styles.shareButton}
        loading={sending}
        aria-keyshortcuts="Control+Enter"
        leftSection={<Icon name="send" />}
        title={label}
      >
        <span className={styles.shareLabel}>{label}</span>
      </Button>
    </footer>
  )
}
