/** The attributes of a patient and a study that the index keeps, as files state them. */

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
