/** What the files say about patient and study. */
import { useTranslation } from 'react-i18next'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import { formatCount, formatDay } from '../../src-ui/i18n.ts'
import { patientsOfStudy, usePatientNames } from '../state/patients.ts'
import styles from './StudyView.module.css'

export function StudyDetails({ study }: { readonly study: StudyRow }) {
  const { t, i18n } = useTranslation(['workstation', 'common'])
  const names = usePatientNames()
  const sex = study.PatientSex
  const day = (value: string): string => formatDay(value, i18n.language)
  const patient: [string, string][] = [
    [t('details.name'), names(patientsOfStudy(study))],
    [t('details.birthDate'), day(study.PatientBirthDate)],
    [t('details.id'), study.PatientID],
    [t('details.issuer'), study.IssuerOfPatientID],
    [t('details.sex'), sex === 'M' || sex === 'F' || sex === 'O' ? t(`patient.sexes.${sex}`, { ns: 'common' }) : sex],
  ]
  const exam: [string, string][] = [
    [t('details.exam'), study.StudyDescription],
    [t('details.date'), day(study.StudyDate)],
    [
      t('details.time'),
      /^\d{4}/.test(study.StudyTime) ? `${study.StudyTime.slice(0, 2)}:${study.StudyTime.slice(2, 4)}` : '',
    ],
    [t('details.accession'), study.AccessionNumber],
    [t('details.modalities'), study.ModalitiesInStudy.join(', ')],
    [t('details.series'), String(study.series)],
    [t('details.images'), formatCount(study.instances, i18n.language)],
    [t('details.uid'), study.StudyInstanceUID],
  ]
  const list = (rows: [string, string][]) => (
    <dl className={styles.details}>
      {rows.map(([label, value]) => (
        <div key={label} style={{ display: 'contents' }}>
          <dt>{label}</dt>
          <dd>{value || '–'}</dd>
        </div>
      ))}
    </dl>
  )
  return (
    <>
      <h2 className={styles.detailsTitle}>{t('details.patient')}</h2>
      {list(patient)}
      <h2 className={styles.detailsTitle}>{t('details.study')}</h2>
      {list(exam)}
    </>
  )
}
