/**
 * Finds the patients of a selection, whom a person must be shown before images leave or are counted as those of one
 * patient (W15).
 */
import { comparedPatient, maybeSameCompared, type ComparedPatient } from './maybe-same.ts'
import type { StatedPatient } from './patient-key.ts'

interface Identity {
  readonly stated: StatedPatient
  readonly compared: ComparedPatient
}

/**
 * The distinct identities that these items state, compared without padding and case.
 * @returns the identities by a text that identifies each, which does not depend on the order of the items
 */
export function statedIdentities(items: readonly StatedPatient[]): Map<string, Identity> {
  const seenRaw = new Set<string>()
  const identities = new Map<string, Identity>()
  for (const stated of items) {
    // Most items are equal to the one before, byte for byte.
    const { PatientName, PatientID, IssuerOfPatientID, PatientBirthDate, StudyInstanceUID } = stated
    const rawText = [PatientName, PatientID, IssuerOfPatientID, PatientBirthDate, StudyInstanceUID].join('\0')
    if (seenRaw.has(rawText)) continue
    seenRaw.add(rawText)
    const compared = comparedPatient(stated)
    const { id, issuer, birthDate, name, study } = compared
    const isIdentified = id !== '' || (birthDate !== '' && name.length > 0)
    const text = JSON.stringify([id, issuer, birthDate, name, isIdentified ? '' : study])
    if (!identities.has(text)) identities.set(text, { stated, compared })
  }
  return identities
}

/**
 * One entry for each patient, in the order of first appearance. Identities that may be one person are one entry, and
 * their missing values are filled from each other. An identity that could belong to two patients is a separate entry,
 * because a missing value is joined only where exactly one candidate exists.
 */
export function patientsOf(items: readonly StatedPatient[]): StatedPatient[] {
  const byId = Map.groupBy(statedIdentities(items).values(), ({ compared }) => compared.id)
  const order = new Map<StatedPatient, number>()
  for (const item of items) if (!order.has(item)) order.set(item, order.size)
  const groups = [...byId.values()].flatMap(groupsOf)
  const place = (group: readonly Identity[]): number => Math.min(...group.map(({ stated }) => order.get(stated) ?? 0))
  return groups.toSorted((left, right) => place(left) - place(right)).map((group) => merged(group))
}

/** When more identities than this have one ID, they are not compared with each other; each is shown as a patient. */
const MAX_COMPARED = 200

/** Groups identities of one ID, or without an ID, so that those that may be one person are together. */
function groupsOf(identities: readonly Identity[]): Identity[][] {
  // Without an ID no value may be missing, so different identities are different patients.
  if (identities[0]?.compared.id === '' || identities.length > MAX_COMPARED)
    return identities.map((identity) => [identity])
  const candidates = identities.map((left) => identities.filter((right) => maybeSame(left, right)))
  const ambiguous = new Set(
    identities.filter((_, index) =>
      candidates[index]!.some((left) => candidates[index]!.some((right) => !maybeSame(left, right))),
    ),
  )
  const groups: Identity[][] = []
  const grouped = new Set<Identity>()
  identities.forEach((identity, index) => {
    if (grouped.has(identity)) return
    // The candidates of an identity that is not ambiguous all agree with each other, so they are one group.
    const group = ambiguous.has(identity)
      ? [identity]
      : candidates[index]!.filter((candidate) => !ambiguous.has(candidate))
    for (const member of group) grouped.add(member)
    groups.push(group)
  })
  return groups
}

function maybeSame(left: Identity, right: Identity): boolean {
  return maybeSameCompared(left.compared, right.compared)
}

function merged(group: readonly Identity[]): StatedPatient {
  const first = group[0]!.stated
  if (group.length === 1) return first
  const stated = (read: (patient: StatedPatient) => string): string =>
    group.map((member) => read(member.stated)).find((value) => value.trim() !== '') ?? ''
  const groups = [0, 1, 2].map((index) => stated(({ PatientName }) => nameGroup(PatientName, index)))
  return {
    PatientName: groups.join('=').replace(/=+$/, ''),
    PatientID: first.PatientID,
    IssuerOfPatientID: stated((patient) => patient.IssuerOfPatientID),
    PatientBirthDate: stated((patient) => patient.PatientBirthDate),
    StudyInstanceUID: first.StudyInstanceUID,
  }
}

function nameGroup(PatientName: string, index: number): string {
  const group = PatientName.split('=')[index] ?? ''
  return /[^\s^]/.test(group) ? group : ''
}
