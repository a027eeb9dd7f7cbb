/** What the index keeps of a patient and a study, as their files say it. */

export interface PatientFields {
  readonly PatientName: string
  readonly PatientID: string
  readonly IssuerOfPatientID: string
  readonly PatientBirthDate: string
  readonly PatientSex: string
}

export interface StudyFields {
  readonly StudyInstanceUID: string
  readonly StudyDate: string
  readonly StudyTime: string
  readonly StudyDescription: string
  readonly AccessionNumber: string
}
