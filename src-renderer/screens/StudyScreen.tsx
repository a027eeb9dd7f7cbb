/**
 * One study: its series, the viewer, and the share panel beside it. A study is opened and shared on this one screen.
 */
import { ActionIcon, Center, Tabs } from '@mantine/core'
import { Loading } from '../components/Loading.tsx'
import { useCallback, useReducer, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { SeriesRow, StudyRow } from '../../src-core/contract/studies.ts'
import { maybeSame } from '../../src-core/patient/maybe-same.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { PatientBanner } from '../../src-ui/components/PatientBanner.tsx'
import { StackViewer } from '../../src-ui/viewer/StackViewer.tsx'
import { ConnectionPill } from '../components/ConnectionPill.tsx'
import { Icon } from '../components/Icon.tsx'
import { RecipientPreview } from '../components/RecipientPreview.tsx'
import { SeriesStrip } from '../components/SeriesStrip.tsx'
import { ShareConfirmation } from '../components/ShareConfirmation.tsx'
import { StudyDetails } from '../components/StudyDetails.tsx'
import styles from '../components/StudyView.module.css'
import { codeOfFailure } from '../state/client.ts'
import { useCommands } from '../state/commands.ts'
import { useConnection } from '../state/connection.ts'
import { changeDraft, draftToSend, newDraft } from '../state/draft.ts'
import type { DraftDefaults } from '../state/draft.ts'
import { useLayer } from '../state/layers.ts'
import { useStudy } from '../state/library.ts'
import { useShareProgress } from '../state/outbox.ts'
import { patientsOfStudy, usePatientNames } from '../state/patients.ts'
import { useReview, useShare, useShareDefaults, useSharePreview, useUndo } from '../state/sharing.ts'
import { useShortcuts } from '../state/shortcut.ts'
import { useNavigation } from '../state/view.ts'
import type { StudyTab } from '../state/view.ts'
import { SharePanel } from './SharePanel.tsx'
import { StudyShares } from './StudyShares.tsx'

interface StudyScreenProps {
  readonly StudyInstanceUID: Uid
  readonly also: readonly Uid[]
  readonly tab: StudyTab
}

export function StudyScreen(props: StudyScreenProps) {
  const { t } = useTranslation('workstation')
  const study = useStudy(props.StudyInstanceUID)
  const defaults = useShareDefaults()
  const failure = study.error ?? defaults.error
  if (failure !== null)
    return (
      <Center component="main" h="100%" p="xl">
        <ErrorMessage code={codeOfFailure(failure)} />
      </Center>
    )
  if (study.data === undefined || defaults.data === undefined)
    return (
      <Center component="main" h="100%">
        <Loading label={t('loading')} />
      </Center>
    )
  return <StudyWorkspace {...props} study={study.data.study} series={study.data.series} defaults={defaults.data} />
}

/**
 * Holds the draft of the share for this patient. The draft ends with the screen, so nothing is carried to another
 * patient.
 */
function StudyWorkspace({
  study,
  series,
  defaults,
  also,
  tab: firstTab,
}: StudyScreenProps & {
  readonly study: StudyRow
  readonly series: readonly SeriesRow[]
  readonly defaults: DraftDefaults
}) {
  const { t } = useTranslation('workstation')
  const { go } = useNavigation()
  const connection = useConnection()
  const begin = useCallback(
    () => newDraft(crypto.randomUUID(), [study.StudyInstanceUID, ...also], defaults),
    [study.StudyInstanceUID, also, defaults],
  )
  const [draft, change] = useReducer(changeDraft, undefined, begin)
  const [shown, setShown] = useState<Uid | undefined>(series[0]?.SeriesInstanceUID)
  /**
   * The viewer takes the focus once, on opening. Later it must not take the keys from the series strip or the panel.
   */
  const [moved, setMoved] = useState(false)
  const [tab, setTab] = useState<StudyTab>(firstTab)
  const [previewing, setPreviewing] = useState(false)
  const [undone, setUndone] = useState(false)
  const search = useRef<HTMLInputElement>(null)
  const share = useShare()
  const undo = useUndo()
  const shareProgress = useShareProgress(draft.shareId)
  const preview = useSharePreview(draftToSend(draft), previewing)
  // The patients of the images that would be shared; they may differ from the patient of the study's row.
  const review = useReview(draft.selection, draft.terms.anonymize, draft.terms.deidentify)
  const patients = review.data?.patients ?? patientsOfStudy(study)
  const [first] = patients
  // The row states only the sex of its own patient.
  const sex = first && maybeSame({ ...first, StudyInstanceUID: study.StudyInstanceUID }, study) ? study.PatientSex : ''
  const viewed = series.find((one) => one.SeriesInstanceUID === shown)?.patients ?? []
  const names = usePatientNames()
  const back = (): void => go({ name: 'studies' })
  const toShare = (): void => {
    setTab('share')
    requestAnimationFrame(() => search.current?.focus())
  }
  const starLast = (): void => {
    const last = draft.recipients.at(-1)
    if (last !== undefined && !last.recipient.favourite)
      change({ type: 'star', recipientId: last.recipient.recipientId })
  }
  useLayer(true, back)
  useLayer(previewing, () => setPreviewing(false))
  useShortcuts({ s: toShare, f: starLast })
  useCommands(study.StudyInstanceUID, [
    { id: 'share', label: t('commands.share'), keys: 'S', run: toShare },
    { id: 'shares', label: t('commands.shares'), run: () => setTab('shares') },
    { id: 'details', label: t('commands.details'), run: () => setTab('details') },
    { id: 'back', label: t('commands.back'), keys: t('keys.escape'), run: back },
  ])
  const send = (confirmedPatients?: string): void =>
    share.mutate(
      { ...draftToSend(draft), ...(confirmedPatients !== undefined && { confirmedPatients }) },
      {
        onSuccess: () => {
          setPreviewing(false)
          setUndone(false)
        },
      },
    )
  /** An undone share keeps its draft, with a new id, because the old share is cancelled for good. */
  const onUndo = (): void =>
    undo.mutate(
      { shareId: draft.shareId },
      {
        onSuccess: () => {
          change({ type: 'begin', draft: { ...draft, shareId: crypto.randomUUID() } })
          share.reset()
          setUndone(true)
        },
      },
    )
  const again = (): void => {
    change({ type: 'begin', draft: { ...begin(), selection: draft.selection } })
    share.reset()
    setUndone(false)
  }
  const chosen = draft.selection.studies.find((one) => one.StudyInstanceUID === study.StudyInstanceUID)?.series ?? null
  const notShared = new Set(
    chosen === null ? [] : series.map((one) => one.SeriesInstanceUID).filter((uid) => !chosen.includes(uid)),
  )

  return (
    <main className={styles.screen}>
      <div className={styles.head}>
        <ActionIcon
          variant="subtle"
          size="lg"
          color="gray"
          c="var(--op-text)"
          aria-label={t('study.back')}
          aria-keyshortcuts="Escape"
          onClick={back}
        >
          <Icon name="back" />
        </ActionIcon>
        <div className={styles.banner}>
          <PatientBanner {...study} {...patients[0]} PatientSex={sex} several={patients} />
        </div>
        <ConnectionPill connection={connection} />
      </div>
      <div className={styles.work}>
        <SeriesStrip
          StudyInstanceUID={study.StudyInstanceUID}
          series={series}
          shown={shown}
          notShared={notShared}
          onShow={(uid) => {
            setMoved(true)
            setShown(uid)
          }}
        />
        <div className={styles.viewer}>
          {viewed.length > 0 && (
            <p className={styles.viewed} role="status">
              {t('study.viewed', { patient: names(viewed) })}
            </p>
          )}
          {shown === undefined ? (
            <Center c="#ececec">{t('study.noSeries')}</Center>
          ) : (
            <StackViewer
              autoFocus={!moved}
              dicomwebRoot="/dicomweb"
              StudyInstanceUID={study.StudyInstanceUID}
              SeriesInstanceUID={shown}
            />
          )}
        </div>
        {previewing && tab === 'share' ? (
          <div className={styles.previewSlot}>
            <RecipientPreview
              preview={draft.recipients.length > 0 ? preview.data : undefined}
              failure={preview.error ? codeOfFailure(preview.error) : null}
              terms={draft.terms}
              onClose={() => setPreviewing(false)}
            />
          </div>
        ) : (
          <span />
        )}
        <section className={styles.panel} aria-label={t('study.panel')}>
          <Tabs
            value={tab}
            onChange={(value) => setTab((value ?? 'share') as StudyTab)}
            className={styles.tabs}
            keepMounted
          >
            <Tabs.List grow aria-label={t('study.panel')}>
              {(['share', 'shares', 'details'] as const).map((name) => (
                <Tabs.Tab key={name} value={name}>
                  {t(`study.tabs.${name}`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="share" className={styles.tab}>
              {share.isSuccess ? (
                <ShareConfirmation
                  confirmation={share.data.confirmation}
                  undoUntil={share.data.undoUntil}
                  progress={shareProgress}
                  undoing={undo.isPending}
                  onUndo={onUndo}
                  onAgain={again}
                  onOutbox={() => go({ name: 'outbox' })}
                  onStudies={back}
                />
              ) : (
                <SharePanel
                  key={draft.shareId}
                  study={study}
                  draft={draft}
                  defaults={defaults}
                  sending={share.isPending}
                  failure={share.error}
                  undone={undone}
                  searchRef={search}
                  previewing={previewing}
                  change={change}
                  onShare={send}
                  onPreview={() => setPreviewing((on) => !on)}
                />
              )}
            </Tabs.Panel>
            <Tabs.Panel value="shares" className={styles.tab}>
              <StudyShares StudyInstanceUID={study.StudyInstanceUID} onShare={toShare} />
            </Tabs.Panel>
            <Tabs.Panel value="details" className={styles.tab} tabIndex={0}>
              <StudyDetails study={study} />
            </Tabs.Panel>
          </Tabs>
        </section>
      </div>
    </main>
  )
}
