/** The studies: search, filters and list, and the first steps when there are none. */
import { Button, Chip, CloseButton, TextInput } from '@mantine/core'
import { Loading } from '../components/Loading.tsx'
import { useCallback, useDeferredValue, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
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

export function StudiesScreen({
  active,
  onActive,
  filter,
  onFilter,
  onFolders,
  searchWanted,
  canBrowse,
}: StudiesScreenProps) {
  const { t, i18n } = useTranslation('workstation')
  const { go } = useNavigation()
  const search = useRef<HTMLInputElement>(null)
  const [searching, setSearching] = useState(false)
  const table = useRef<StudyTableHandle>(null)
  const [range, setRange] = useState<readonly [number, number]>([0, 0])
  const [chosen, setChosen] = useState<ReadonlyMap<Uid, StudyRow>>(new Map())
  const names = usePatientNames()
  const settings = useSettings()
  const folders = useFolders()
  const actions = useFolderActions()
  const modalities = useModalities()
  const asked = useDeferredValue(filter)
  const { total, row, fresh, loading, failure } = useStudyRows(asked, range[0], range[1])
  const answered = fresh && asked === filter
  const openWanted = useRef(false)
  const onRange = useCallback(
    (first: number, last: number) =>
      setRange((known) => (known[0] === first && known[1] === last ? known : [first, last])),
    [],
  )
  useEffect(() => search.current?.focus(), [searchWanted])

  const change = (changes: Partial<StudyFilter>): void => {
    onActive(0)
    openWanted.current = false
    onFilter({ ...filter, ...changes })
  }
  useLayer(searching && filter.text !== '', () => change({ text: '' }))
  const filtered = filter.text.trim() !== '' || filter.notShared || filter.today || filter.Modality.length > 0
  const open = (study: StudyRow): void =>
    go({ name: 'study', StudyInstanceUID: study.StudyInstanceUID, also: [], tab: 'share' })
  const openActive = (): void => {
    const study = row(active) ?? row(0)
    openWanted.current = false
    if (study !== undefined) open(study)
  }
  // Enter right after typing must not open a result of an earlier text, so it waits for the answer.
  const onAnswer = useEffectEvent(() => {
    if (openWanted.current) openActive()
  })
  useEffect(() => {
    if (answered) onAnswer()
  }, [answered])
  const sort = (column: SortColumn): void =>
    change(
      filter.sort === column
        ? { descending: !filter.descending }
        : { sort: column, descending: column === 'StudyDate' || column === 'instances' },
    )
  const select = (study: StudyRow): void =>
    setChosen((known) => {
      const next = new Map(known)
      if (!next.delete(study.StudyInstanceUID)) next.set(study.StudyInstanceUID, study)
      return next
    })
  const picked = useMemo(() => [...chosen.values()], [chosen])
  const patients = useMemo(() => patientsOf(picked.flatMap(patientsOfStudy)), [picked])
  const shareSelected = (): void => {
    const [first, ...others] = picked
    if (first)
      go({
        name: 'study',
        StudyInstanceUID: first.StudyInstanceUID,
        also: others.map((study) => study.StudyInstanceUID),
        tab: 'share',
      })
  }
  const empty = !loading && total === 0 && !filtered
  const chips = [...new Set([...modalities, ...filter.Modality])]

  return (
    <main className={shell.screen}>
      <ScreenHead title={t('studies.title')}>
        <TextInput
          ref={search}
          className={styles.search}
          type="search"
          aria-label={t('studies.search')}
          placeholder={t('studies.search')}
          value={filter.text}
          onFocus={() => setSearching(true)}
          onBlur={() => setSearching(false)}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => change({ text: event.currentTarget.value })}
          leftSection={<Icon name="search" />}
          rightSection={
            filter.text !== '' && (
              <CloseButton
                size="sm"
                aria-label={t('studies.clearSearch')}
                onClick={() => {
                  change({ text: '' })
                  search.current?.focus()
                }}
              />
            )
          }
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') {
              event.preventDefault()
              table.current?.focus()
            }
            if (event.key === 'Enter') {
              if (answered) openActive()
              else openWanted.current = true
            }
          }}
        />
        <Button variant="default" leftSection={<Icon name="folder" />} onClick={onFolders}>
          {t('studies.folders')}
        </Button>
      </ScreenHead>
      <div className={styles.filters}>
        <div role="group" aria-label={t('studies.filters')} style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
          <Chip size="sm" checked={filter.today} onChange={(today) => change({ today })}>
            {t('studies.today')}
          </Chip>
          <Chip size="sm" checked={filter.notShared} onChange={(notShared) => change({ notShared })}>
            {t('studies.notShared')}
          </Chip>
          {chips.length > 0 && <span className={styles.divider} />}
          {chips.map((modality) => (
            <Chip
              key={modality}
              size="sm"
              checked={filter.Modality.includes(modality)}
              onChange={(on) =>
                change({
                  Modality: on ? [...filter.Modality, modality] : filter.Modality.filter((other) => other !== modality),
                })
              }
            >
              {modality}
            </Chip>
          ))}
        </div>
        <div className={styles.selection}>
          {picked.length > 0 && (
            <>
              <span>{t('studies.selected', { count: picked.length })}</span>
              <Button size="compact-sm" leftSection={<Icon name="send" size={14} />} onClick={shareSelected}>
                {t('studies.shareSelected')}
              </Button>
              <Button size="compact-sm" variant="subtle" onClick={() => setChosen(new Map())}>
                {t('studies.clearSelection')}
              </Button>
            </>
          )}
        </div>
      </div>
      {patients.length > 1 && (
        <p role="alert" className={styles.problem}>
          {t('studies.severalPatients', { count: patients.length, names: names(patients) })}
        </p>
      )}
      {failure !== null ? (
        <div className={styles.fill}>
          <ErrorMessage code={codeOfFailure(failure)} />
        </div>
      ) : loading ? (
        <div className={styles.fill}>
          <Loading label={t('studies.loading')} />
        </div>
      ) : empty ? (
        <div className={styles.fill}>
          <FirstSteps canBrowse={canBrowse} />
        </div>
      ) : total === 0 ? (
        <div className={styles.fill}>
          <EmptyState
            title={t('studies.nothingFound')}
            actions={
              <Button
                variant="default"
                onClick={() => {
                  onFilter({ ...ALL_STUDIES, sort: filter.sort, descending: filter.descending })
                  search.current?.focus()
                }}
              >
                {t('studies.removeFilters')}
              </Button>
            }
          >
            {t('studies.nothingFoundText')}
          </EmptyState>
        </div>
      ) : (
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
          onSort={sort}
          onOpen={open}
          onSelect={select}
          onRange={onRange}
        />
      )}
      <footer className={styles.foot}>
        <span role="status">{t('studies.total', { count: total, total: formatCount(total, i18n.language) })}</span>
        <IndexingStatus
          folders={folders ?? []}
          onPause={(folderId, paused) => actions.pause.mutate({ folderId, paused })}
          onSkipped={onFolders}
        />
      </footer>
    </main>
  )
}
