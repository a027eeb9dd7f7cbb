/** The names and numbers that replace each patient's own in files that are de-identified together (D3, D7). */
import { patientKey, type StatedPatient } from '../../src-core/patient/patient-key.ts'
import type { Pseudonyms } from './uid-map.ts'

export interface AnonymousPatient {
  /** Anonymous^1 for the first patient, then Anonymous^2 and so on. */
  readonly patientName: string
  readonly patientId: string
  readonly shiftDays: number
}

/**
 * Returns a function that gives each patient one number, one pseudonym and one date shift; a repeated call returns the
 * same.
 */
export function anonymousPatients(pseudonyms: Pseudonyms): (patient: StatedPatient) => AnonymousPatient {
  const patients = new Map<string, AnonymousPatient>()
  return (patient) => {
    const key = patientKey(patient)
    const known = patients.get(key)
    if (known) return known
    const added = {
      patientName: `Anonymous^${patients.size + 1}`,
      patientId: pseudonyms.patientId(key),
      shiftDays: pseudonyms.shiftDays(key),
    }
    patients.set(key, added)
    return added
  }
}
