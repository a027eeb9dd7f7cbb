/** The share panel: its questions, and one button that names what will be shared with whom. */
import { Button } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import type { FormEvent, RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { RecipientView } from '../../src-core/contract/recipients.ts'
import type { SeriesRow, StudyRow } from '../../src-core/contract/studies.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { formatBytes, formatCount } from '../../src-ui/i18n.ts'
import { Icon } from '../components/Icon.tsx'
import { ImagesDialog } from '../components/ImagesDialog.tsx'
import { RecipientPicker } from '../components/RecipientPicker.tsx'
import { SelectionPicker } from '../components/SelectionPicker.tsx'
import { SeveralPatientsDialog } from '../components/SeveralPatientsDialog.tsx'
import styles from '../components/SharePanel.module.css'
import { AgreedPicker, MessagePicker, ReasonPicker, SafetyPicker } from '../components/TermsPickers.tsx'
import { ValidityPicker } from '../components/ValidityPicker.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useFavourites, useRecipientSearch, useSetFavourite } from '../state/directory.ts'
import { draftToSend, missingOf } from '../state/draft.ts'
import type { Draft, DraftDefaults, DraftEvent, Missing } from '../state/draft.ts'
import type { LookTarget } from '../state/pixel-review.ts'
import { useInstances, useStudies, useStudiesOfPatient } from '../state/library.ts'
import { patientsOfStudy, usePatientNames } from '../state/patients.ts'
import { useRefusalGroups } from '../state/refusals.ts'
import { useReview } from '../state/sharing.ts'
import { dayOf, validityFits } from '../state/validity-day.ts'
import { DeidentifyPreviewContainer, PixelReviewContainer } from './PixelReviewContainer.tsx'

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

export function SharePanel({
  study,
  draft,
  defaults,
  sending,
  failure,
  undone,
  searchRef,
  previewing,
  change,
  onShare,
  onPreview,
}: SharePanelProps) {
  const { t, i18n } = useTranslation(['share', 'common'])
  const { policy } = defaults
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const [choosing, setChoosing] = useState<{ readonly StudyInstanceUID: Uid; readonly series: SeriesRow } | null>(null)
  const reason = useRef<HTMLInputElement>(null)
  const agreed = useRef<HTMLInputElement>(null)
  const scroll = useRef<HTMLDivElement>(null)
  const favourites = useFavourites()
  const setFavourite = useSetFavourite()
  const search = useRecipientSearch(text)
  const review = useReview(draft.selection, draft.terms.anonymize, draft.terms.deidentify)
  const [looking, setLooking] = useState<LookTarget | null>(null)
  const [confirming, setConfirming] = useState(false)
  const [previewOpen, setForeseeing] = useState(false)
  const uids = useMemo(() => draft.selection.studies.map((one) => one.StudyInstanceUID), [draft.selection.studies])
  const studies = useStudies(uids)
    .map((query) => query.data)
    .filter((data) => data !== undefined)
  const refusals = useRefusalGroups(
    draft.terms.anonymize ? (review.data?.refusals ?? []) : [],
    studies.flatMap((one) => one.series),
  )
  const instances = useInstances(
    choosing?.StudyInstanceUID ?? study.StudyInstanceUID,
    choosing?.series.SeriesInstanceUID ?? ('' as Uid),
    choosing !== null,
  )
  const [today] = useState(() => dayOf(new Date()))
  const fits = validityFits(draft.terms.validity, policy.validity.maximum, policy.validity.unlimitedOffered, today)
  const missing = missingOf(draft, review.data, fits)

  const patients = review.data?.patients ?? patientsOfStudy(study)
  // The patient whose images are shared. Studies of another patient are never offered beside these.
  const [patient, ...more] = patients
  const { StudyInstanceUID } = study
  const others = useStudiesOfPatient(
    patient !== undefined && more.length === 0 ? { ...patient, StudyInstanceUID } : undefined,
  ).filter((other) => other.StudyInstanceUID !== StudyInstanceUID)
  const name = usePatientNames()(patients)
  const studyCount = review.data?.studies ?? draft.selection.studies.length
  const label = t('button', {
    studies: t('what.studies', { count: studyCount }),
    patient: draft.terms.anonymize ? t('anonymous', { patient: name }) : name,
    recipients: t('recipients', { count: draft.recipients.length }),
  })
  const summary =
    review.data === undefined
      ? t('what.studies', { count: draft.selection.studies.length })
      : t('what.summary', {
          studies: t('what.studies', { count: review.data.studies }),
          series: t('series', { ns: 'common', count: review.data.series }),
          images: t('images', {
            ns: 'common',
            count: review.data.instances,
            replace: { count: formatCount(review.data.instances, i18n.language) },
          }),
          size: formatBytes(review.data.bytes, i18n.language),
        })
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
  const star = (recipient: RecipientView, favourite: boolean): void => {
    // A removed favourite is stored at once; a new one is stored with the share (U6).
    if (favourite) setFavourite.mutate({ recipientId: recipient.recipientId, favourite: false })
    else change({ type: 'star', recipientId: recipient.recipientId })
  }
  const terms = (changes: Partial<Draft['terms']>): void => change({ type: 'terms', terms: changes })

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
        {undone && (
          <p className={styles.summary} role="status">
            {t('confirmation.undone')}
          </p>
        )}
        {patients.length > 1 && (
          <p className={styles.problem} role="alert">
            {t('patients.warning', { count: patients.length, names: name })}
          </p>
        )}
        <RecipientPicker
          ref={searchRef}
          favourites={favourites}
          chosen={draft.recipients}
          terms={draft.terms}
          twoFactorFixed={policy.twoFactor === 'required'}
          sendMail={draft.terms.sendMail}
          text={text}
          found={text.trim() === '' ? undefined : search.data}
          answered={search.isSuccess && !search.isPlaceholderData}
          onText={setText}
          onAdd={(recipient) => change({ type: 'add', recipient })}
          onRemove={(recipientId) => change({ type: 'remove', recipientId })}
          onStar={star}
          onOneTimePassword={(recipientId, asked) => change({ type: 'one-time-password', recipientId, asked })}
        />
        <SelectionPicker
          selection={draft.selection}
          studies={studies}
          others={others}
          summary={summary}
          arriving={review.data?.arriving ?? false}
          anonymize={draft.terms.anonymize}
          anonymizeFixed={policy.anonymize === 'required'}
          refusals={refusals}
          onStudy={(StudyInstanceUID, chosen) => change({ type: 'study', StudyInstanceUID, chosen })}
          onSeries={(StudyInstanceUID, series) => change({ type: 'series', StudyInstanceUID, series })}
          onImages={(StudyInstanceUID, series) => setChoosing({ StudyInstanceUID, series })}
          onLeaveOut={(left) => change({ type: 'leave-out', instances: left })}
          onPutBack={() => change({ type: 'put-back', instances: draft.selection.leftOut })}
          onAnonymize={(anonymize) => terms({ anonymize })}
          signedOff={draft.terms.anonymize ? (review.data?.signedOff ?? []) : []}
          onPreview={() => setForeseeing(true)}
          onLook={(StudyInstanceUID, SeriesInstanceUID, SOPInstanceUIDs) =>
            setLooking({
              StudyInstanceUID,
              SeriesInstanceUID,
              SOPInstanceUIDs,
              series: seriesName(
                studies.flatMap((one) => one.series),
                SeriesInstanceUID,
              ),
            })
          }
        />
        <ValidityPicker
          policy={policy.validity}
          validity={draft.terms.validity}
          today={today}
          onChange={(validity) => terms({ validity })}
        />
        <SafetyPicker terms={draft.terms} policy={policy} onChange={terms} />
        <ReasonPicker
          ref={reason}
          terms={draft.terms}
          policy={policy}
          onChange={terms}
          problem={tried && missing.includes('reason')}
        />
        <AgreedPicker ref={agreed} terms={draft.terms} onChange={terms} problem={tried && missing.includes('agreed')} />
        <MessagePicker terms={draft.terms} onChange={terms} />
      </div>
      <footer className={styles.foot}>
        {failure != null && <ErrorMessage code={codeOfFailure(failure)} />}
        <p className={styles.needed} data-tried={tried && missing.length > 0} role="status">
          {missing.length > 0 && `${t('missing.title')}: ${missing.map((one) => t(`missing.${one}`)).join(', ')}`}
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
      {looking !== null && <PixelReviewContainer target={looking} onClose={() => setLooking(null)} />}
      {previewOpen && (
        <DeidentifyPreviewContainer
          selection={draftToSend(draft).selection}
          options={draft.terms.deidentify ?? []}
          onOptions={(deidentify) => terms({ deidentify })}
          onClose={() => setForeseeing(false)}
        />
      )}
      <SeveralPatientsDialog
        opened={confirming}
        patients={patients}
        label={label}
        onConfirm={() => {
          setConfirming(false)
          onShare(review.data?.patientsShown)
        }}
        onClose={() => setConfirming(false)}
      />
      <ImagesDialog
        StudyInstanceUID={choosing?.StudyInstanceUID ?? study.StudyInstanceUID}
        series={choosing?.series ?? null}
        instances={instances.data ?? []}
        leftOut={new Set(draft.selection.leftOut)}
        onLeaveOut={(left) => change({ type: 'leave-out', instances: left })}
        onPutBack={(back) => change({ type: 'put-back', instances: back })}
        onClose={() => setChoosing(null)}
      />
    </form>
  )
}

/** A series by its number and description. */
function seriesName(all: readonly SeriesRow[], SeriesInstanceUID: Uid): string {
  const series = all.find((one) => one.SeriesInstanceUID === SeriesInstanceUID)
  return series === undefined
    ? ''
    : [series.SeriesNumber, series.SeriesDescription || series.Modality].filter((part) => part !== null).join(' · ')
}
