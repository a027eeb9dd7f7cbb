/** The list of studies. Only visible rows are rendered; arrow keys move a marker, Enter opens, Space selects. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useEffectEvent, useImperativeHandle, useLayoutEffect, useRef } from 'react'
import type { KeyboardEvent, Ref, RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { StudySort } from '../../src-core/contract/studies.ts'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import { patientsOfStudy, usePatientNames } from '../state/patients.ts'
import { Icon } from './Icon.tsx'
import { StudyTableRow } from './StudyTableRow.tsx'
import styles from './StudyTable.module.css'

export type SortColumn = z.infer<typeof StudySort>
export const COLUMNS = [
  'PatientName',
  'PatientBirthDate',
  'PatientID',
  'StudyDescription',
  'ModalitiesInStudy',
  'StudyDate',
  'instances',
  'shared',
] as const satisfies readonly SortColumn[]

export interface StudyTableHandle {
  focus(): void
}

interface StudyTableProps {
  readonly ref?: Ref<StudyTableHandle>
  readonly total: number
  row(index: number): StudyRow | undefined
  readonly sort: SortColumn
  readonly descending: boolean
  readonly selected: ReadonlySet<Uid>
  readonly active: number
  readonly rowHeight: number
  onActive(index: number): void
  onSort(column: SortColumn): void
  onOpen(study: StudyRow): void
  onSelect(study: StudyRow): void
  onRange(first: number, last: number): void
}

interface RowsInViewOptions extends Pick<StudyTableProps, 'total' | 'active' | 'rowHeight' | 'onRange'> {
  readonly scroller: RefObject<HTMLDivElement | null>
}

/** The virtualizer of the visible rows. It starts at the active row, and reports the visible range. */
function useStudyRowsInView({ scroller, total, active, rowHeight, onRange }: RowsInViewOptions) {
  // oxlint-disable-next-line react/incompatible-library -- the virtualizer must not be memoized, and is not
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 24,
    scrollPaddingStart: 36,
  })
  const items = rows.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? 0
  useEffect(() => onRange(first, last), [first, last, onRange])
  useEffect(() => rows.measure(), [rows, rowHeight])
  const returnToPlace = useEffectEvent(() => {
    if (active > 0) rows.scrollToIndex(active, { align: 'center' })
  })
  useEffect(() => returnToPlace(), [])
  return rows
}

function useSelectAt(
  onActive: StudyTableProps['onActive'],
  onSelect: StudyTableProps['onSelect'],
): (index: number, study: StudyRow) => void {
  // Rows always receive the same functions: with new ones, every visible row would be rendered again at each key press.
  const current = useRef({ onActive, onSelect })
  useLayoutEffect(() => {
    current.current = { onActive, onSelect }
  })
  return useCallback((index: number, study: StudyRow): void => {
    current.current.onActive(index)
    current.current.onSelect(study)
  }, [])
}

/** The row to which a key moves the marker; undefined for every other key. */
function indexAfterKey(key: string, active: number, total: number, page: number): number | undefined {
  const moves: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: total - 1,
  }
  return moves[key]
}

export function StudyTable({
  ref,
  total,
  row,
  sort,
  descending,
  selected,
  active,
  rowHeight,
  onActive,
  onSort,
  onOpen,
  onSelect,
  onRange,
}: StudyTableProps) {
  const { t } = useTranslation('workstation')
  const names = usePatientNames()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useStudyRowsInView({ scroller, total, active, rowHeight, onRange })
  useImperativeHandle(ref, () => ({ focus: () => scroller.current?.focus() }))

  const selectAt = useSelectAt(onActive, onSelect)
  const moveTo = (index: number): void => {
    const next = Math.max(0, Math.min(total - 1, index))
    onActive(next)
    rows.scrollToIndex(next, { align: 'auto' })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return
    const study = row(active)
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2)
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const next = indexAfterKey(event.key, active, total, page)
    const act = { Enter: onOpen, ' ': onSelect }[event.key]
    if (next === undefined && act === undefined) return
    event.preventDefault()
    if (next !== undefined) moveTo(next)
    else if (study) act?.(study)
  }
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="grid"
      tabIndex={0}
      aria-label={t('studies.table')}
      aria-rowcount={total + 1}
      aria-multiselectable="true"
      aria-activedescendant={row(active) === undefined ? undefined : `study-${active}`}
      onKeyDown={onKeyDown}
    >
      <StudyTableHeader sort={sort} descending={descending} onSort={onSort} />
      <div className={styles.rows} role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const study = row(item.index)
          return (
            <StudyTableLine
              key={item.key}
              index={item.index}
              start={item.start}
              study={study}
              name={study === undefined ? '' : names(patientsOfStudy(study), false)}
              rowHeight={rowHeight}
              active={item.index === active}
              selected={selected}
              onActive={onActive}
              onOpen={onOpen}
              onSelect={selectAt}
            />
          )
        })}
      </div>
    </div>
  )
}

type StudyTableHeaderProps = Pick<StudyTableProps, 'sort' | 'descending' | 'onSort'>

function StudyTableHeader({ sort, descending, onSort }: StudyTableHeaderProps) {
  const { t } = useTranslation('workstation')
  return (
    <div className={styles.header} role="row" aria-rowindex={1}>
      <div role="columnheader" className={styles.cell}>
        <span className="visually-hidden">{t('studies.columns.select')}</span>
      </div>
      {COLUMNS.map((column) => (
        <div
          key={column}
          role="columnheader"
          className={styles.cell}
          data-column={column}
          aria-sort={sort === column ? (descending ? 'descending' : 'ascending') : 'none'}
        >
          <button
            type="button"
            className={styles.sort}
            onClick={() => onSort(column)}
            title={t('studies.sortBy', { column: t(`studies.columns.${column}`) })}
          >
            {t(`studies.columns.${column}`)}
            <span className={styles.arrow} aria-hidden="true">
              {sort === column && <Icon name={descending ? 'down' : 'up'} size={12} />}
            </span>
          </button>
        </div>
      ))}
    </div>
  )
}

interface StudyTableLineProps extends Pick<StudyTableProps, 'rowHeight' | 'selected' | 'onActive' | 'onOpen'> {
  readonly index: number
  /** Distance from the top of the list in pixels. */
  readonly start: number
  /** undefined until its page is fetched. */
  readonly study: StudyRow | undefined
  readonly name: string
  readonly active: boolean
  onSelect(index: number, study: StudyRow): void
}

function StudyTableLine({
  index,
  start,
  study,
  name,
  rowHeight,
  active,
  selected,
  onActive,
  onOpen,
  onSelect,
}: StudyTableLineProps) {
  return (
    <div
      id={`study-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={study !== undefined && selected.has(study.StudyInstanceUID)}
      className={styles.row}
      data-active={active}
      data-index={index}
      style={{ height: rowHeight, transform: `translateY(${start}px)` }}
      onClick={() => {
        onActive(index)
        if (study) onOpen(study)
      }}
    >
      {study === undefined ? (
        <div role="gridcell" className={styles.cell} aria-busy="true">
          …
        </div>
      ) : (
        <StudyTableRow
          study={study}
          index={index}
          selected={selected.has(study.StudyInstanceUID)}
          name={name}
          onSelect={onSelect}
        />
      )}
    </div>
  )
}
