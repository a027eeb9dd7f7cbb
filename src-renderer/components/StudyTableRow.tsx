/** The cells of one study. */
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import { formatCount, formatDay } from '../../src-ui/i18n.ts'
import { Icon } from './Icon.tsx'
import type { IconName } from './Icon.tsx'
import styles from './StudyTable.module.css'

const MARKS: Record<StudyRow['shared'], IconName | null> = {
  none: null,
  held: 'clock',
  waiting: 'clock',
  delivered: 'check',
  opened: 'eye',
  failed: 'warning',
}

interface StudyTableRowProps {
  readonly study: StudyRow
  readonly index: number
  readonly selected: boolean
  readonly name: string
  /** The same function at every turn. */
  onSelect(index: number, study: StudyRow): void
}

function clock(StudyTime: string): string {
  return /^\d{4}/.test(StudyTime) ? `${StudyTime.slice(0, 2)}:${StudyTime.slice(2, 4)}` : ''
}

export const StudyTableRow = memo(function StudyTableRow({
  study,
  index,
  selected,
  name,
  onSelect,
}: StudyTableRowProps) {
  const { t, i18n } = useTranslation(['workstation', 'common'])
  const mark = MARKS[study.shared]
  const patients = 1 + study.otherPatients.length
  return (
    <>
      <div role="gridcell" className={styles.cell} onClick={(event) => event.stopPropagation()}>
        <label className={styles.select}>
          <input
            type="checkbox"
            tabIndex={-1}
            checked={selected}
            onChange={() => onSelect(index, study)}
            aria-label={t('studies.select', { patient: name })}
          />
        </label>
      </div>
      <div role="gridcell" className={styles.cell} data-column="PatientName">
        {patients > 1 && (
          <span className={styles.several}>
            <Icon name="warning" size={13} />
            <span aria-hidden="true">{patients}</span>
            <span className="visually-hidden">{t('studies.patients', { count: patients })}</span>
          </span>
        )}
        <span className={styles.patient} data-several={patients > 1} title={patients > 1 ? name : undefined}>
          {name}
        </span>
      </div>
      <div role="gridcell" className={styles.cell} data-column="PatientBirthDate">
        {formatDay(study.PatientBirthDate, i18n.language)}
      </div>
      <div role="gridcell" className={styles.cell} data-column="PatientID">
        {study.PatientID}
      </div>
      <div role="gridcell" className={styles.cell} data-column="StudyDescription">
        <span className={styles.text}>
          {study.StudyDescription || <span className={styles.dimmed}>{t('studies.noDescription')}</span>}
        </span>
        {study.arriving && (
          <span className={styles.arriving}>
            <Icon name="receive" size={13} />
            {t('studies.arriving')}
          </span>
        )}
      </div>
      <div role="gridcell" className={styles.cell} data-column="ModalitiesInStudy">
        {study.ModalitiesInStudy.join(', ')}
      </div>
      <div role="gridcell" className={styles.cell} data-column="StudyDate">
        {formatDay(study.StudyDate, i18n.language)} <span className={styles.time}>{clock(study.StudyTime)}</span>
      </div>
      <div role="gridcell" className={styles.cell} data-column="instances">
        {formatCount(study.instances, i18n.language)}
      </div>
      <div role="gridcell" className={styles.cell} data-column="shared" data-shared={study.shared}>
        {mark !== null && <Icon name={mark} size={15} />}
        {t(`studies.shared.${study.shared}`)}
      </div>
    </>
  )
})
