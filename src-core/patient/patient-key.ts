/** Whose images these are, exactly: what the index, the ledger, a package and the pseudonyms tell patients apart by. */

/** What one instance says of its patient, as stored in the file. */
export interface StatedPatient {
  /** All component groups, joined by "=" (PS3.5 6.2.1). */
  readonly PatientName: string
  readonly PatientID: string
  readonly IssuerOfPatientID: string
  /** YYYYMMDD or empty. */
  readonly PatientBirthDate: string
  /** Without a PatientID, a patient is known only within one study. */
  readonly StudyInstanceUID: string
}

/** A value without its insignificant blanks: LO, PN and DA may be padded (PS3.5 6.2). */
export function significant(value: string): string {
  return value.replaceAll('\0', ' ').trim()
}

/** Component groups of a name without padding and without empty components at their end (PS3.5 6.2.1.2). */
export function nameGroups(PatientName: string): string[] {
  const groups = PatientName.split('=').map((group) => group.split('^').map(significant).join('^').replace(/\^+$/, ''))
  while (groups.at(-1) === '') groups.pop()
  return groups
}

/**
 * The patient as a key. With an ID it is issuer and ID, and nothing else. Without one, each study and each distinct
 * stated identity is a patient of its own, because nothing says that two of them are one person.
 * A missing value never matches another value: that is a question for {@link maybeSame}, never a key.
 */
export function patientKey(patient: StatedPatient): string {
  const issuer = significant(patient.IssuerOfPatientID)
  const id = significant(patient.PatientID)
  // No value holds a NUL any more, so the number of NULs alone tells the two forms apart.
  if (id !== '') return `${issuer}\0${id}`
  const name = nameGroups(patient.PatientName).join('=')
  const study = significant(patient.StudyInstanceUID)
  return `${issuer}\0\0${study}\0${name}\0${significant(patient.PatientBirthDate)}`
}
