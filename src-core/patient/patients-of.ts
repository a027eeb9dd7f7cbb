/** The patients that a person must be told of before images leave or are counted as one patient's (W15). */
import { comparedPatient, maybeSameCompared, type ComparedPatient } from './maybe-same.ts'
import type { StatedPatient } from './patient-key.ts'

interface Identity {
  readonly stated: StatedPatient
  readonly compared: ComparedPatient
}

/**
 * Each distinct identity that these items state, compared without padding and case.
 * @returns by a text that names it, which is the same in every order of the items
 */
export function statedIdentities(items: readonly StatedPatient[]): Map<string, Identity> {
  const seen = new Set<string>()
  const identities = new Map<string, Identity>()
  for (const stated of items) {
    // Most items repeat the one before, byte for byte.
    const { PatientName, PatientID, IssuerOfPatientID, PatientBirthDate, StudyInstanceUID } = stated
    const raw = [PatientName, PatientID, IssuerOfPatientID, PatientBirthDate, StudyInstanceUID].join('\0')
    if (seen.has(raw)) continue
    seen.add(raw)
    const compared = comparedPatient(stated)
    const { id, issuer, birthDate, name, study } = compared
    const known = id !== '' || (birthDate !== '' && name.length > 0)
    const text = JSON.stringify([id, issuer, birthDate, name, known ? '' : study])
    if (!identities.has(text)) identities.set(text, { stated, compared })
  }
  return identities
}

/**
 * One entry for each patient, in the order of first appearance. Identities that may be one person are one entry, whose
 * missing values are filled from one another. An identity that could belong to two patients belongs to neither and is
 * an entry of its own: a missing value joins only where exactly one candidate exists.
 */
export function patientsOf(items: readonly StatedPatient[]): StatedPatient[] {
  const byId = Map.groupBy(statedIdentities(items).values(), ({ compared }) => compared.id)
  const order = new Map<StatedPatient, number>()
  for (const item of items) if (!order.has(item)) order.set(item, order.size)
  const groups = [...byId.values()].flatMap(groupsOf)
  const place = (group: readonly Identity[]): number => Math.min(...group.map(({ stated }) => order.get(stated) ?? 0))
  return groups.toSorted((one, other) => place(one) - place(other)).map((group) => merged(group))
}

/** Identities of one ID beyond this many are no longer compared with each other: each is shown as a patient. */
const MOST_COMPARED = 200

/** Identities of one ID (or of none), so that all who may be one person stand together. */
function groupsOf(identities: readonly Identity[]): Identity[][] {
  // Without an ID nothing may be missing, so that different identities are different patients.
  if (identities[0]?.compared.id === '' || identities.length > MOST_COMPARED) return identities.map((one) => [one])
  const candidates = identities.map((one) => identities.filter((other) => maybeSame(one, other)))
  const ambiguous = new Set(
    identities.filter((_, index) =>
      candidates[index]!.some((one) => candidates[index]!.some((other) => !maybeSame(one, other))),
    ),
  )
  const groups: Identity[][] = []
  const placed = new Set<Identity>()
  identities.forEach((identity, index) => {
    if (placed.has(identity)) return
    // Whoever is not ambiguous has candidates that all agree with each other: they are one group.
    const group = ambiguous.has(identity)
      ? [identity]
      : candidates[index]!.filter((candidate) => !ambiguous.has(candidate))
    for (const member of group) placed.add(member)
    groups.push(group)
  })
  return groups
}

function maybeSame(one: Identity, other: Identity): boolean {
  return maybeSameCompared(one.compared, other.compared)
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
