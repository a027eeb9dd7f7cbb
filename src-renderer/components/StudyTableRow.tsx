/** The cells of one study. */
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import { formatCount, formatDay } from '../../src-ui/i18n.ts'
import { patientsOfStudy } from '../state/patients.ts'
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
  /** Must be the same function at every rendering. */
  onSelect(index: number, study: StudyRow): void
}

function clock(StudyTime: string): string {
  return /^\d{4}/.test(StudyTime) ? `${StudyTime.slice(0, 2)}:${StudyTime.slice(2, 4)}` : ''
}

/** One value per patient, below each other. A row has space for two. */
function OfPatients({ values }: { readonly values: readonly string[] }) {
  if (values.length === 1) return values[0]
  return (
    <span className={styles.ofPatients} title={values.join(' · ')}>
      {values.slice(0, 2).map((value, index) => (
        <span key={index} className={styles.text}>
          {value || '–'}
        </span>
      ))}
    </span>
  )
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
  const patients = patientsOfStudy(study)
  const several = patients.length > 1
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
        {several && (
          <span className={styles.several}>
            <Icon name="warning" size={13} />
            <span aria-hidden="true">{patients.length}</span>
            <span className="visually-hidden">{t('studies.patients', { count: patients.length })}</span>
          </span>
        )}
        <span className={styles.patient} data-several={several} title={several ? name : undefined}>
          {name}
        </span>
      </div>
      <div role="gridcell" className={styles.cell} data-column="PatientBirthDate">
        <OfPatients values={patients.map(({ PatientBirthDate }) => formatDay(PatientBirthDate, i18n.language))} />
      </div>
      <div role="gridcell" className={styles.cell} data-column="PatientID">
        <OfPatients values={patients.map(({ PatientID }) => PatientID)} />
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
