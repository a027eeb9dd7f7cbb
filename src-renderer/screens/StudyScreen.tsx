/**
 * One study: its series, the viewer, and the share panel beside it. A study is opened and shared on this one screen.
 */
import { ActionIcon, Center, Tabs } from '@mantine/core'
import { Loading } from '../components/Loading.tsx'
import { useRef, useState } from 'react'
import type { ReactNode, RefObject } from 'react'
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
import { draftToSend } from '../state/draft.ts'
import type { Draft, DraftDefaults } from '../state/draft.ts'
import { useLayer } from '../state/layers.ts'
import { useStudy } from '../state/library.ts'
import { useShareProgress } from '../state/outbox.ts'
import { patientsOfStudy, usePatientNames } from '../state/patients.ts'
import { useReview, useShareDefaults, useSharePreview } from '../state/sharing.ts'
import { useSharingOfStudy } from '../state/sharing-of-study.ts'
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

interface StudyWorkspaceProps extends StudyScreenProps {
  readonly study: StudyRow
  readonly series: readonly SeriesRow[]
  readonly defaults: DraftDefaults
}

/**
 * Holds the draft of the share for this patient. The draft ends with the screen, so nothing is carried to another
 * patient.
 */
function StudyWorkspace({ study, series, defaults, also, tab: firstTab }: StudyWorkspaceProps) {
  const { t } = useTranslation('workstation')
  const { go } = useNavigation()
  const [shown, setShown] = useState<Uid | undefined>(series[0]?.SeriesInstanceUID)
  /**
   * The viewer takes the focus once, on opening. Later it must not take the keys from the series strip or the panel.
   */
  const [moved, setMoved] = useState(false)
  const [tab, setTab] = useState<StudyTab>(firstTab)
  const [previewing, setPreviewing] = useState(false)
  const search = useRef<HTMLInputElement>(null)
  const sharing = useSharingOfStudy(study, also, defaults, () => setPreviewing(false))
  const { draft, change } = sharing
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
  return (
    <main className={styles.screen}>
      <StudyHead study={study} draft={draft} onBack={back} />
      <div className={styles.work}>
        <SeriesStrip
          StudyInstanceUID={study.StudyInstanceUID}
          series={series}
          shown={shown}
          notShared={seriesNotShared(study, series, draft)}
          onShow={(uid) => {
            setMoved(true)
            setShown(uid)
          }}
        />
        <SeriesViewer study={study} series={series} shown={shown} autoFocus={!moved} />
        {previewing && tab === 'share' ? <PreviewSlot draft={draft} onClose={() => setPreviewing(false)} /> : <span />}
        <section className={styles.panel} aria-label={t('study.panel')}>
          <StudyTabs
            tab={tab}
            onTab={setTab}
            share={
              <ShareTab
                sharing={sharing}
                study={study}
                defaults={defaults}
                searchRef={search}
                previewing={previewing}
                onPreview={() => setPreviewing((before) => !before)}
              />
            }
            shares={<StudyShares StudyInstanceUID={study.StudyInstanceUID} onShare={toShare} />}
            details={<StudyDetails study={study} />}
          />
        </section>
      </div>
    </main>
  )
}

function seriesNotShared(study: StudyRow, series: readonly SeriesRow[], { selection }: Draft): ReadonlySet<Uid> {
  const chosen = selection.studies.find(({ StudyInstanceUID }) => StudyInstanceUID === study.StudyInstanceUID)?.series
  if (chosen === null || chosen === undefined) return new Set()
  return new Set(series.map(({ SeriesInstanceUID }) => SeriesInstanceUID).filter((uid) => !chosen.includes(uid)))
}

interface StudyHeadProps {
  readonly study: StudyRow
  readonly draft: Draft
  onBack(): void
}

function StudyHead({ study, draft, onBack }: StudyHeadProps) {
  const { t } = useTranslation('workstation')
  const connection = useConnection()
  // The patients of the images that would be shared; they may differ from the patient of the study's row.
  const review = useReview(draft.selection, draft.terms.anonymize, draft.terms.deidentify)
  const patients = review.data?.patients ?? patientsOfStudy(study)
  const [first] = patients
  // The row states only the sex of its own patient.
  const sex = first && maybeSame({ ...first, StudyInstanceUID: study.StudyInstanceUID }, study) ? study.PatientSex : ''
  return (
    <div className={styles.head}>
      <ActionIcon
        variant="subtle"
        size="lg"
        color="gray"
        c="var(--op-text)"
        aria-label={t('study.back')}
        aria-keyshortcuts="Escape"
        onClick={onBack}
      >
        <Icon name="back" />
      </ActionIcon>
      <div className={styles.banner}>
        <PatientBanner {...study} {...patients[0]} PatientSex={sex} several={patients} />
      </div>
      <ConnectionPill connection={connection} />
    </div>
  )
}

interface SeriesViewerProps {
  readonly study: StudyRow
  readonly series: readonly SeriesRow[]
  readonly shown: Uid | undefined
  readonly autoFocus: boolean
}

function SeriesViewer({ study, series, shown, autoFocus }: SeriesViewerProps) {
  const { t } = useTranslation('workstation')
  const names = usePatientNames()
  const viewed = series.find(({ SeriesInstanceUID }) => SeriesInstanceUID === shown)?.patients ?? []
  return (
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
          autoFocus={autoFocus}
          dicomwebRoot="/dicomweb"
          StudyInstanceUID={study.StudyInstanceUID}
          SeriesInstanceUID={shown}
        />
      )}
    </div>
  )
}

function PreviewSlot({ draft, onClose }: { readonly draft: Draft; onClose(): void }) {
  const preview = useSharePreview(draftToSend(draft), true)
  return (
    <div className={styles.previewSlot}>
      <RecipientPreview
        preview={draft.recipients.length > 0 ? preview.data : undefined}
        failure={preview.error ? codeOfFailure(preview.error) : null}
        terms={draft.terms}
        onClose={onClose}
      />
    </div>
  )
}

interface ShareTabProps {
  readonly sharing: ReturnType<typeof useSharingOfStudy>
  readonly study: StudyRow
  readonly defaults: DraftDefaults
  readonly searchRef: RefObject<HTMLInputElement | null>
  readonly previewing: boolean
  onPreview(): void
}

/** The share panel; after Share the confirmation. */
function ShareTab({ sharing, study, defaults, searchRef, previewing, onPreview }: ShareTabProps) {
  const { go } = useNavigation()
  const { draft, share, undo } = sharing
  const shareProgress = useShareProgress(draft.shareId)
  return share.isSuccess ? (
    <ShareConfirmation
      confirmation={share.data.confirmation}
      undoUntil={share.data.undoUntil}
      progress={shareProgress}
      undoing={undo.isPending}
      onUndo={sharing.onUndo}
      onAgain={sharing.onAgain}
      onOutbox={() => go({ name: 'outbox' })}
      onStudies={() => go({ name: 'studies' })}
    />
  ) : (
    <SharePanel
      key={draft.shareId}
      study={study}
      draft={draft}
      defaults={defaults}
      sending={share.isPending}
      failure={share.error}
      undone={sharing.undone}
      searchRef={searchRef}
      previewing={previewing}
      change={sharing.change}
      onShare={sharing.onShare}
      onPreview={onPreview}
    />
  )
}

interface StudyTabsProps {
  readonly tab: StudyTab
  onTab(tab: StudyTab): void
  readonly share: ReactNode
  readonly shares: ReactNode
  readonly details: ReactNode
}

function StudyTabs({ tab, onTab, share, shares, details }: StudyTabsProps) {
  const { t } = useTranslation('workstation')
  return (
    <Tabs value={tab} onChange={(value) => onTab((value ?? 'share') as StudyTab)} className={styles.tabs} keepMounted>
      <Tabs.List grow aria-label={t('study.panel')}>
        {(['share', 'shares', 'details'] as const).map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t(`study.tabs.${name}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="share" className={styles.tab}>
        {share}
      </Tabs.Panel>
      <Tabs.Panel value="shares" className={styles.tab}>
        {shares}
      </Tabs.Panel>
      <Tabs.Panel value="details" className={styles.tab} tabIndex={0}>
        {details}
      </Tabs.Panel>
    </Tabs>
  )
}
