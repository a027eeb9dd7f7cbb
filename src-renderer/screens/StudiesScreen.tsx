/** The studies: search, filters and list, and the first steps when there are none. */
import { Button, Chip, CloseButton, TextInput } from '@mantine/core'
import { Loading } from '../components/Loading.tsx'
import { useCallback, useDeferredValue, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import type { RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import { patientsOf } from '../../src-core/patient/patients-of.ts'
import { EmptyState } from '../../src-ui/components/EmptyState.tsx'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { formatCount } from '../../src-ui/i18n.ts'
import { Icon } from '../components/Icon.tsx'
import { IndexingStatus } from '../components/IndexingStatus.tsx'
import shell from '../components/Shell.module.css'
import { StudyTable } from '../components/StudyTable.tsx'
import type { SortColumn, StudyTableHandle } from '../components/StudyTable.tsx'
import styles from '../components/StudyTable.module.css'
import { codeOfFailure } from '../state/client.ts'
import { ALL_STUDIES, useFolderActions, useFolders, useModalities, useStudyRows } from '../state/library.ts'
import type { StudyFilter } from '../state/library.ts'
import { useLayer } from '../state/layers.ts'
import { patientsOfStudy, usePatientNames } from '../state/patients.ts'
import { useSettings } from '../state/settings.ts'
import { useNavigation } from '../state/view.ts'
import { FirstSteps } from './FirstSteps.tsx'
import { ScreenHead } from './ScreenHead.tsx'

const isFiltered = ({ text, notShared, today, Modality }: StudyFilter): boolean =>
  text.trim() !== '' || notShared || today || Modality.length > 0

/** A second click on a column reverses its order. Dates and counts begin with the largest. */
function changesForSort(filter: StudyFilter, column: SortColumn): Partial<StudyFilter> {
  return filter.sort === column
    ? { descending: !filter.descending }
    : { sort: column, descending: column === 'StudyDate' || column === 'instances' }
}

/** The first and last visible row, which change only when they differ. */
function useRange() {
  const [range, setRange] = useState<readonly [number, number]>([0, 0])
  const onRange = useCallback(
    (first: number, last: number) =>
      setRange((known) => (known[0] === first && known[1] === last ? known : [first, last])),
    [],
  )
  return [range, onRange] as const
}

/** The studies that are ticked in the list. */
function useChosenStudies() {
  const [chosen, setChosen] = useState<ReadonlyMap<Uid, StudyRow>>(new Map())
  const select = (study: StudyRow): void =>
    setChosen((known) => {
      const next = new Map(known)
      if (!next.delete(study.StudyInstanceUID)) next.set(study.StudyInstanceUID, study)
      return next
    })
  const picked = useMemo(() => [...chosen.values()], [chosen])
  return { chosen, picked, select, clear: () => setChosen(new Map()) }
}

/** Enter right after typing must not open a result of an earlier text, so it waits for the answer. */
function useOpening(answered: boolean, open: () => void) {
  const wanted = useRef(false)
  const openNow = (): void => {
    wanted.current = false
    open()
  }
  const onAnswer = useEffectEvent(() => {
    if (wanted.current) openNow()
  })
  useEffect(() => {
    if (answered) onAnswer()
  }, [answered])
  return {
    openOrWait(): void {
      if (answered) openNow()
      else wanted.current = true
    },
    cancel(): void {
      wanted.current = false
    },
  }
}

interface StudiesScreenProps {
  /**
   * Index of the marked row. It is stored outside, so that the position is kept when a person returns to the screen.
   */
  readonly active: number
  onActive(index: number): void
  readonly filter: StudyFilter
  onFilter(filter: StudyFilter): void
  onFolders(): void
  /** Changes when the search field must receive the focus. */
  readonly searchWanted: number
  readonly canBrowse: boolean
}

export function StudiesScreen(props: StudiesScreenProps) {
  const { active, onActive, filter, onFilter, onFolders, searchWanted, canBrowse } = props
  const { t } = useTranslation('workstation')
  const { go } = useNavigation()
  const search = useRef<HTMLInputElement>(null)
  const table = useRef<StudyTableHandle>(null)
  const [range, onRange] = useRange()
  const { chosen, picked, select, clear } = useChosenStudies()
  const settings = useSettings()
  const asked = useDeferredValue(filter)
  const { total, row, fresh, loading, failure } = useStudyRows(asked, range[0], range[1])
  const answered = fresh && asked === filter
  useEffect(() => search.current?.focus(), [searchWanted])

  const open = (study: StudyRow): void =>
    go({ name: 'study', StudyInstanceUID: study.StudyInstanceUID, also: [], tab: 'share' })
  const opening = useOpening(answered, () => {
    const study = row(active) ?? row(0)
    if (study !== undefined) open(study)
  })
  const change = (changes: Partial<StudyFilter>): void => {
    onActive(0)
    opening.cancel()
    onFilter({ ...filter, ...changes })
  }

  return (
    <main className={shell.screen}>
      <ScreenHead title={t('studies.title')}>
        <StudySearch
          ref={search}
          table={table}
          text={filter.text}
          onText={(text) => change({ text })}
          onEnter={opening.openOrWait}
        />
        <Button variant="default" leftSection={<Icon name="folder" />} onClick={onFolders}>
          {t('studies.folders')}
        </Button>
      </ScreenHead>
      <div className={styles.filters}>
        <StudyFilters filter={filter} onChange={change} />
        <ChosenStudies chosen={picked} onClear={clear} />
      </div>
      <SeveralPatientsWarning studies={picked} />
      {failure === null && !loading && total > 0 ? (
        <StudyTable
          ref={table}
          total={total}
          row={row}
          sort={filter.sort}
          descending={filter.descending}
          selected={new Set(chosen.keys())}
          active={active}
          rowHeight={settings?.glovesMode ? 44 : 34}
          onActive={onActive}
          onSort={(column) => change(changesForSort(filter, column))}
          onOpen={open}
          onSelect={select}
          onRange={onRange}
        />
      ) : (
        <StudiesPlaceholder
          failure={failure}
          loading={loading}
          filtered={isFiltered(filter)}
          canBrowse={canBrowse}
          onRemoveFilters={() => {
            onFilter({ ...ALL_STUDIES, sort: filter.sort, descending: filter.descending })
            search.current?.focus()
          }}
        />
      )}
      <StudiesFoot total={total} onFolders={onFolders} />
    </main>
  )
}

interface StudiesPlaceholderProps {
  readonly failure: Error | null
  readonly loading: boolean
  readonly filtered: boolean
  readonly canBrowse: boolean
  onRemoveFilters(): void
}

/** Replaces the list while it has no rows. */
function StudiesPlaceholder({ failure, loading, filtered, canBrowse, onRemoveFilters }: StudiesPlaceholderProps) {
  const { t } = useTranslation('workstation')
  return (
    <div className={styles.fill}>
      {failure !== null ? (
        <ErrorMessage code={codeOfFailure(failure)} />
      ) : loading ? (
        <Loading label={t('studies.loading')} />
      ) : filtered ? (
        <NothingFound onRemoveFilters={onRemoveFilters} />
      ) : (
        <FirstSteps canBrowse={canBrowse} />
      )}
    </div>
  )
}

interface StudySearchProps {
  readonly ref: RefObject<HTMLInputElement | null>
  /** The list, which receives the focus by the arrow key. */
  readonly table: RefObject<StudyTableHandle | null>
  readonly text: string
  onText(text: string): void
  onEnter(): void
}

function StudySearch({ ref, table, text, onText, onEnter }: StudySearchProps) {
  const { t } = useTranslation('workstation')
  const [searching, setSearching] = useState(false)
  useLayer(searching && text !== '', () => onText(''))
  return (
    <TextInput
      ref={ref}
      className={styles.search}
      type="search"
      aria-label={t('studies.search')}
      placeholder={t('studies.search')}
      value={text}
      onFocus={() => setSearching(true)}
      onBlur={() => setSearching(false)}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onText(event.currentTarget.value)}
      leftSection={<Icon name="search" />}
      rightSection={
        text !== '' && (
          <CloseButton
            size="sm"
            aria-label={t('studies.clearSearch')}
            onClick={() => {
              onText('')
              ref.current?.focus()
            }}
          />
        )
      }
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') {
          event.preventDefault()
          table.current?.focus()
        }
        if (event.key === 'Enter') onEnter()
      }}
    />
  )
}

interface StudyFiltersProps {
  readonly filter: StudyFilter
  onChange(changes: Partial<StudyFilter>): void
}

function StudyFilters({ filter, onChange }: StudyFiltersProps) {
  const { t } = useTranslation('workstation')
  const modalities = useModalities()
  const chips = [...new Set([...modalities, ...filter.Modality])]
  return (
    <div role="group" aria-label={t('studies.filters')} style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
      <Chip size="sm" checked={filter.today} onChange={(today) => onChange({ today })}>
        {t('studies.today')}
      </Chip>
      <Chip size="sm" checked={filter.notShared} onChange={(notShared) => onChange({ notShared })}>
        {t('studies.notShared')}
      </Chip>
      {chips.length > 0 && <span className={styles.divider} />}
      {chips.map((modality) => (
        <Chip
          key={modality}
          size="sm"
          checked={filter.Modality.includes(modality)}
          onChange={(on) =>
            onChange({
              Modality: on ? [...filter.Modality, modality] : filter.Modality.filter((other) => other !== modality),
            })
          }
        >
          {modality}
        </Chip>
      ))}
    </div>
  )
}

interface ChosenStudiesProps {
  readonly chosen: readonly StudyRow[]
  onClear(): void
}

function ChosenStudies({ chosen, onClear }: ChosenStudiesProps) {
  const { t } = useTranslation('workstation')
  const { go } = useNavigation()
  const shareSelected = (): void => {
    const [first, ...others] = chosen
    if (first)
      go({
        name: 'study',
        StudyInstanceUID: first.StudyInstanceUID,
        also: others.map((study) => study.StudyInstanceUID),
        tab: 'share',
      })
  }
  return (
    <div className={styles.selection}>
      {chosen.length > 0 && (
        <>
          <span>{t('studies.selected', { count: chosen.length })}</span>
          <Button size="compact-sm" leftSection={<Icon name="send" size={14} />} onClick={shareSelected}>
            {t('studies.shareSelected')}
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={onClear}>
            {t('studies.clearSelection')}
          </Button>
        </>
      )}
    </div>
  )
}

/** Warns when the chosen studies have images of several patients. */
function SeveralPatientsWarning({ studies }: { readonly studies: readonly StudyRow[] }) {
  const { t } = useTranslation('workstation')
  const names = usePatientNames()
  const patients = useMemo(() => patientsOf(studies.flatMap(patientsOfStudy)), [studies])
  if (patients.length <= 1) return null
  return (
    <p role="alert" className={styles.problem}>
      {t('studies.severalPatients', { count: patients.length, names: names(patients) })}
    </p>
  )
}

function NothingFound({ onRemoveFilters }: { onRemoveFilters(): void }) {
  const { t } = useTranslation('workstation')
  return (
    <EmptyState
      title={t('studies.nothingFound')}
      actions={
        <Button variant="default" onClick={onRemoveFilters}>
          {t('studies.removeFilters')}
        </Button>
      }
    >
      {t('studies.nothingFoundText')}
    </EmptyState>
  )
}

function StudiesFoot({ total, onFolders }: { readonly total: number; onFolders(): void }) {
  const { t, i18n } = useTranslation('workstation')
  const folders = useFolders()
  const actions = useFolderActions()
  return (
    <footer className={styles.foot}>
      <span role="status">{t('studies.total', { count: total, total: formatCount(total, i18n.language) })}</span>
      <IndexingStatus
        folders={folders ?? []}
        onPause={(folderId, paused) => actions.pause.mutate({ folderId, paused })}
        onSkipped={onFolders}
      />
    </footer>
  )
}
