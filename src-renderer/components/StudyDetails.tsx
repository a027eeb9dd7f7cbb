/** The attributes of patient and study, as the files state them. */
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import { formatCount, formatDay } from '../../src-ui/i18n.ts'
import { patientsOfStudy, usePatientNames } from '../state/patients.ts'
import styles from './StudyView.module.css'

export function StudyDetails({ study }: { readonly study: StudyRow }) {
  const { t, i18n } = useTranslation(['workstation', 'common'])
  const names = usePatientNames()
  const sexOf = (sex: string): string =>
    sex === 'M' || sex === 'F' || sex === 'O' ? t(`patient.sexes.${sex}`, { ns: 'common' }) : sex
  const day = (value: string): string => formatDay(value, i18n.language)
  const patients = patientsOfStudy(study).map((patient, index): [string, string][] => [
    [t('details.name'), names([patient])],
    [t('details.birthDate'), day(patient.PatientBirthDate)],
    [t('details.id'), patient.PatientID],
    [t('details.issuer'), patient.IssuerOfPatientID],
    // The index has only the sex of the first patient.
    ...(index === 0 ? [[t('details.sex'), sexOf(study.PatientSex)] as [string, string]] : []),
  ])
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
      {patients.map((patient, index) => (
        <Fragment key={index}>
          <h2 className={styles.detailsTitle}>{t('details.patient')}</h2>
          {list(patient)}
        </Fragment>
      ))}
      <h2 className={styles.detailsTitle}>{t('details.study')}</h2>
      {list(exam)}
    </>
  )
}
