/** The list of studies. Only visible rows are rendered; arrow keys move a marker, Enter opens, Space selects. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useEffectEvent, useImperativeHandle, useLayoutEffect, useRef } from 'react'
import type { KeyboardEvent, Ref } from 'react'
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
  useImperativeHandle(ref, () => ({ focus: () => scroller.current?.focus() }))

  // Rows always receive the same functions: with new ones, every visible row would be rendered again at each key press.
  const current = useRef({ onActive, onSelect })
  useLayoutEffect(() => {
    current.current = { onActive, onSelect }
  })
  const selectAt = useCallback((index: number, study: StudyRow): void => {
    current.current.onActive(index)
    current.current.onSelect(study)
  }, [])

  const moveTo = (index: number): void => {
    const next = Math.max(0, Math.min(total - 1, index))
    onActive(next)
    rows.scrollToIndex(next, { align: 'auto' })
  }
  const page = (): number => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return
    const study = row(active)
    const moves: Record<string, () => void> = {
      ArrowDown: () => moveTo(active + 1),
      ArrowUp: () => moveTo(active - 1),
      PageDown: () => moveTo(active + page()),
      PageUp: () => moveTo(active - page()),
      Home: () => moveTo(0),
      End: () => moveTo(total - 1),
      Enter: () => {
        if (study) onOpen(study)
      },
      ' ': () => {
        if (study) onSelect(study)
      },
    }
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    move()
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
      <div className={styles.rows} role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const study = row(item.index)
          return (
            <div
              key={item.key}
              id={`study-${item.index}`}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={study !== undefined && selected.has(study.StudyInstanceUID)}
              className={styles.row}
              data-active={item.index === active}
              data-index={item.index}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={() => {
                onActive(item.index)
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
                  index={item.index}
                  selected={selected.has(study.StudyInstanceUID)}
                  name={names(patientsOfStudy(study), false)}
                  onSelect={selectAt}
                />
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
