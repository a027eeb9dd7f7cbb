/** Patients as the screens name them: one by name, several each with their ID, since two may have one name. */
import { useTranslation } from 'react-i18next'
import type { Patient, StudyRow } from '../../src-core/contract/models.ts'
import type { StatedPatient } from '../../src-core/patient/patient-key.ts'
import { formatPersonName } from '../../src-ui/i18n.ts'

/** Whose images a study holds, the patient of its row first. */
export function patientsOfStudy(study: StudyRow): StatedPatient[] {
  const { StudyInstanceUID } = study
  return [study, ...study.otherPatients.map((patient) => ({ ...patient, StudyInstanceUID }))]
}

export function usePatientNames(): (patients: readonly Patient[]) => string {
  const { t } = useTranslation('common')
  return (patients) =>
    patients
      .map(({ PatientName, PatientID }) => {
        const name = formatPersonName(PatientName) || t('patient.unnamed')
        return patients.length > 1 && PatientID !== '' ? `${name} (${PatientID})` : name
      })
      .join('; ')
}
