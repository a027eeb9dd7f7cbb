/**
 * Decides whether two stated identities may be one person. It is used for warnings and questions only, never as a key.
 */
import { nameGroups, withoutPadding, type StatedPatient } from './patient-key.ts'

/** The compared values: without padding, and names without case. */
export interface ComparedPatient {
  readonly id: string
  readonly issuer: string
  readonly birthDate: string
  readonly name: readonly string[]
  readonly study: string
}

export function comparedPatient(patient: StatedPatient): ComparedPatient {
  return {
    id: withoutPadding(patient.PatientID),
    issuer: withoutPadding(patient.IssuerOfPatientID),
    // Older files write 1950.01.31 (PS3.5 6.2, DA).
    birthDate: withoutPadding(patient.PatientBirthDate).replaceAll('.', ''),
    name: nameGroups(patient.PatientName.normalize('NFC').toUpperCase().replaceAll(/\s+/g, ' ')),
    study: withoutPadding(patient.StudyInstanceUID),
  }
}

/** Whether both values are stated and differ. A missing or blank value contradicts nothing. */
export function contradict(left: string, right: string): boolean {
  const [leftValue, rightValue] = [withoutPadding(left), withoutPadding(right)]
  return leftValue !== '' && rightValue !== '' && leftValue !== rightValue
}

/**
 * Whether two identities have equal IDs and no contradicting value. Without an ID no value may be missing or differ,
 * and two studies are joined only by a name and a birth date.
 */
export function maybeSameCompared(left: ComparedPatient, right: ComparedPatient): boolean {
  if (left.id !== right.id) return false
  if (left.id !== '')
    return !(
      contradict(left.issuer, right.issuer) ||
      contradict(left.birthDate, right.birthDate) ||
      left.name.some((group, index) => contradict(group, right.name[index] ?? ''))
    )
  const sameValues =
    left.issuer === right.issuer && left.birthDate === right.birthDate && left.name.join('=') === right.name.join('=')
  return sameValues && (left.study === right.study || (left.birthDate !== '' && left.name.length > 0))
}

/** @see maybeSameCompared */
export function maybeSame(left: StatedPatient, right: StatedPatient): boolean {
  return maybeSameCompared(comparedPatient(left), comparedPatient(right))
}
