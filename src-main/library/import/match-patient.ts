/** Whether a patient of a disc may be one that the library knows. It proposes; a person decides. */
import type { ImportIdentity, ImportLikeness } from '../../../src-core/contract/import.ts'
import { IDENTITY_KEYWORDS } from '../../../src-core/dicom/correct-identity.ts'
import { parsePersonName } from '../../../src-core/dicom/values.ts'
import { contradict } from '../../../src-core/patient/maybe-same.ts'
import { withoutPadding } from '../../../src-core/patient/patient-key.ts'
import { folded } from '../../storage/index/search-words.ts'

/** Slips of the pen in a name that still sounds the same. */
const MOST_EDITS = 2

/** @returns null when nothing speaks for it */
export function likeness(incoming: ImportIdentity, known: ImportIdentity): ImportLikeness | null {
  if (IDENTITY_KEYWORDS.every((keyword) => incoming[keyword] === known[keyword])) return 'same'
  // A number is one patient's within what issued it; where one side does not say who did, it may be the same.
  const sameId = withoutPadding(incoming.PatientID) === withoutPadding(known.PatientID)
  if (
    withoutPadding(incoming.PatientID) !== '' &&
    sameId &&
    !contradict(incoming.IssuerOfPatientID, known.IssuerOfPatientID)
  )
    return 'same-id'
  return !contradict(incoming.PatientBirthDate, known.PatientBirthDate) &&
    similarNames(incoming.PatientName, known.PatientName)
    ? 'similar'
    : null
}

/** Names that differ in case, diacritics, order, a second given name or a slip. */
export function similarNames(one: string, other: string): boolean {
  const left = wordsOf(one)
  const right = wordsOf(other)
  const [few, many] = left.length < right.length ? [left, right] : [right, left]
  if (few.length === 0) return false
  if (few.length > 1 && few.every((word) => many.includes(word))) return true
  const [a, b] = [few.toSorted().join(''), many.toSorted().join('')]
  return few.length === many.length && a.length > 4 && edits(a, b) <= MOST_EDITS
}

/** Family, given and middle name of the first group that has any. */
function wordsOf(name: string): string[] {
  const { alphabetic, ideographic } = parsePersonName(name)
  const group = alphabetic.familyName + alphabetic.givenName === '' ? ideographic : alphabetic
  return folded(`${group.familyName} ${group.givenName} ${group.middleName}`).match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Letters to put in, take out or change. */
function edits(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MOST_EDITS) return MOST_EDITS + 1
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let at = 1; at <= one.length; at++) {
    const next = [at]
    for (let to = 1; to <= other.length; to++)
      next.push(Math.min(row[to]! + 1, next[to - 1]! + 1, row[to - 1]! + (one[at - 1] === other[to - 1] ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}

const ORDER: Readonly<Record<ImportLikeness, number>> = { same: 0, 'same-id': 1, similar: 2 }
export function byLikeness(one: { likeness: ImportLikeness }, other: { likeness: ImportLikeness }): number {
  return ORDER[one.likeness] - ORDER[other.likeness]
}
