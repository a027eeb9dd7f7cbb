/** Whether two stated identities may be one person: for warnings and questions only, never as a key. */
import { nameGroups, significant, type StatedPatient } from './patient-key.ts'

/** What is compared: without padding, and names without case. */
export interface ComparedPatient {
  readonly id: string
  readonly issuer: string
  readonly birthDate: string
  readonly name: readonly string[]
  readonly study: string
}

export function comparedPatient(patient: StatedPatient): ComparedPatient {
  return {
    id: significant(patient.PatientID),
    issuer: significant(patient.IssuerOfPatientID),
    // Older files write 1950.01.31 (PS3.5 6.2, DA).
    birthDate: significant(patient.PatientBirthDate).replaceAll('.', ''),
    name: nameGroups(patient.PatientName.normalize('NFC').toUpperCase().replaceAll(/\s+/g, ' ')),
    study: significant(patient.StudyInstanceUID),
  }
}

/** Both are stated and differ; a missing value contradicts nothing, nor do blanks. */
export function contradict(one: string, other: string): boolean {
  const [left, right] = [significant(one), significant(other)]
  return left !== '' && right !== '' && left !== right
}

/**
 * Equal IDs and no value that contradicts. Without an ID nothing may be missing or differ, and two studies are brought
 * together only by a name and a birth date.
 */
export function maybeSameCompared(one: ComparedPatient, other: ComparedPatient): boolean {
  if (one.id !== other.id) return false
  if (one.id !== '')
    return !(
      contradict(one.issuer, other.issuer) ||
      contradict(one.birthDate, other.birthDate) ||
      one.name.some((group, index) => contradict(group, other.name[index] ?? ''))
    )
  const alike =
    one.issuer === other.issuer && one.birthDate === other.birthDate && one.name.join('=') === other.name.join('=')
  return alike && (one.study === other.study || (one.birthDate !== '' && one.name.length > 0))
}

/** @see maybeSameCompared */
export function maybeSame(one: StatedPatient, other: StatedPatient): boolean {
  return maybeSameCompared(comparedPatient(one), comparedPatient(other))
}
