/** Names of patients as the screens show them. */
import { useTranslation } from 'react-i18next'
import type { Patient, StudyRow } from '../../src-core/contract/studies.ts'
import type { StatedPatient } from '../../src-core/patient/patient-key.ts'
import { formatPersonName } from '../../src-ui/i18n.ts'

/** The patients of a study, with the patient of its row first. */
export function patientsOfStudy(study: StudyRow): StatedPatient[] {
  const { StudyInstanceUID } = study
  return [study, ...study.otherPatients.map((patient) => ({ ...patient, StudyInstanceUID }))]
}

/** @returns a function that formats one name alone and several with their IDs, since two may have the same name */
export function usePatientNames(): (patients: readonly Patient[], withId?: boolean) => string {
  const { t } = useTranslation('common')
  return (patients, withId = patients.length > 1) =>
    patients
      .map(({ PatientName, PatientID }) => {
        const name = formatPersonName(PatientName) || t('patient.unnamed')
        return withId && PatientID !== '' ? `${name} (${PatientID})` : name
      })
      .join('; ')
}
