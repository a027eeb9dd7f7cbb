/** Names the patient wherever images are shown or shared. The values are shown as the file has them. */
import { useTranslation } from 'react-i18next'
import { formatDay, formatPersonName } from '../i18n.ts'
import styles from './components.module.css'

export interface PatientBannerProps {
  readonly PatientName: string
  readonly PatientID: string
  /** In the form YYYYMMDD, or empty. */
  readonly PatientBirthDate: string
  /** M, F, O or empty. */
  readonly PatientSex?: string
  readonly StudyDescription?: string
  readonly StudyDate?: string
  /** The patients, where images of more than one are shown or shared; each is named. */
  readonly several?: readonly { readonly PatientName: string; readonly PatientID: string }[]
}

export function PatientBanner({
  PatientName,
  PatientID,
  PatientBirthDate,
  PatientSex,
  StudyDescription,
  StudyDate,
  several = [],
}: PatientBannerProps) {
  const { t, i18n } = useTranslation('common')
  const sex =
    PatientSex === 'M' || PatientSex === 'F' || PatientSex === 'O' ? t(`patient.sexes.${PatientSex}`) : PatientSex
  const nameOf = (patient: Pick<PatientBannerProps, 'PatientName'>): string =>
    formatPersonName(patient.PatientName) || t('patient.unnamed')
  const identity: [string, string | undefined][] = [
    [t('patient.born'), PatientBirthDate && formatDay(PatientBirthDate, i18n.language)],
    [t('patient.id'), PatientID],
    [t('patient.sex'), sex],
  ]
  const facts: [string, string | undefined][] = [
    ...(several.length > 1 ? [] : identity),
    [t('patient.exam'), StudyDescription],
    [t('patient.date'), StudyDate && formatDay(StudyDate, i18n.language)],
  ]
  return (
    <section aria-label={t('patient.banner')} className={styles.banner}>
      {several.length > 1 && (
        <strong className={styles.several}>{t('patient.several', { count: several.length })}</strong>
      )}
      <h1 className={styles.patientName}>
        {several.length > 1
          ? several.map((patient) => `${nameOf(patient)} (${patient.PatientID || '–'})`).join('; ')
          : nameOf({ PatientName })}
      </h1>
      <dl className={styles.facts}>
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label} className={styles.fact}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  )
}
