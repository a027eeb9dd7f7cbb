/** Reads the patient that a file's header states. */
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { text } from '../dicom/values.ts'
import type { StatedPatient } from './patient-key.ts'

export function patientOfDataset(dataset: DicomDataset): StatedPatient {
  return {
    PatientName: text(dataset, TAG.PatientName),
    PatientID: text(dataset, TAG.PatientID),
    IssuerOfPatientID: text(dataset, TAG.IssuerOfPatientID),
    PatientBirthDate: text(dataset, TAG.PatientBirthDate),
    StudyInstanceUID: text(dataset, TAG.StudyInstanceUID),
  }
}
