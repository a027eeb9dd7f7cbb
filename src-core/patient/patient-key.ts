/** The exact key of a patient, by which the index, the ledger, a package and the pseudonyms distinguish patients. */

/** The patient that one instance states, as stored in the file. */
export interface StatedPatient {
  /** All component groups, joined by "=" (PS3.5 6.2.1). */
  readonly PatientName: string
  readonly PatientID: string
  readonly IssuerOfPatientID: string
  /** The date as YYYYMMDD, or an empty text. */
  readonly PatientBirthDate: string
  /** Without a PatientID, a patient is known only within one study. */
  readonly StudyInstanceUID: string
}

/** A value without its insignificant blanks. Values of LO, PN and DA may be padded (PS3.5 6.2). */
export function withoutPadding(value: string): string {
  return value.replaceAll('\0', ' ').trim()
}

/** Component groups of a name without padding and without empty components at their end (PS3.5 6.2.1.2). */
export function nameGroups(PatientName: string): string[] {
  const groups = PatientName.split('=').map((group) =>
    group.split('^').map(withoutPadding).join('^').replace(/\^+$/, ''),
  )
  while (groups.at(-1) === '') groups.pop()
  return groups
}

/**
 * The patient as a key. With an ID the key is issuer and ID only. Without one, each study and each distinct stated
 * identity is a separate patient, because nothing shows that two of them are one person. A missing value never matches
 * another value; {@link maybeSame} exists for such questions.
 */
export function patientKey(patient: StatedPatient): string {
  const issuer = withoutPadding(patient.IssuerOfPatientID)
  const id = withoutPadding(patient.PatientID)
  // No value has a NUL any more, so the number of NULs distinguishes the two forms.
  if (id !== '') return `${issuer}\0${id}`
  const name = nameGroups(patient.PatientName).join('=')
  const study = withoutPadding(patient.StudyInstanceUID)
  return `${issuer}\0\0${study}\0${name}\0${withoutPadding(patient.PatientBirthDate)}`
}
