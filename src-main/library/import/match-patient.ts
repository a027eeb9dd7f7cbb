/** Compares a patient of an import with one of the library. It only proposes a match; a person decides. */
import type { ImportIdentity, ImportLikeness } from '../../../src-core/contract/import.ts'
import { IDENTITY_KEYWORDS } from '../../../src-core/dicom/correct-identity.ts'
import { parsePersonName } from '../../../src-core/dicom/values.ts'
import { contradict } from '../../../src-core/patient/maybe-same.ts'
import { withoutPadding } from '../../../src-core/patient/patient-key.ts'
import { folded } from '../../storage/index/search-words.ts'

/** Largest number of edits between two names that still count as similar. */
const MAX_EDITS = 2

/** @returns null when the two patients have nothing in common */
export function likeness(incoming: ImportIdentity, known: ImportIdentity): ImportLikeness | null {
  if (IDENTITY_KEYWORDS.every((keyword) => incoming[keyword] === known[keyword])) return 'same'
  // A number identifies one patient per issuer. When one side does not state its issuer, the patients may be the same.
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

/** Whether two names differ only in case, diacritics, word order, a second given name or a typing error. */
export function similarNames(nameA: string, nameB: string): boolean {
  const left = wordsOf(nameA)
  const right = wordsOf(nameB)
  const [few, many] = left.length < right.length ? [left, right] : [right, left]
  if (few.length === 0) return false
  if (few.length > 1 && few.every((word) => many.includes(word))) return true
  const [a, b] = [few.toSorted().join(''), many.toSorted().join('')]
  return few.length === many.length && a.length > 4 && edits(a, b) <= MAX_EDITS
}

/** Family, given and middle name of the first component group that has any. */
function wordsOf(name: string): string[] {
  const { alphabetic, ideographic } = parsePersonName(name)
  const group = alphabetic.familyName + alphabetic.givenName === '' ? ideographic : alphabetic
  return folded(`${group.familyName} ${group.givenName} ${group.middleName}`).match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Number of letters to insert, delete or replace (Levenshtein distance). */
function edits(nameA: string, nameB: string): number {
  if (Math.abs(nameA.length - nameB.length) > MAX_EDITS) return MAX_EDITS + 1
  let row = Array.from({ length: nameB.length + 1 }, (_, index) => index)
  for (let at = 1; at <= nameA.length; at++) {
    const next = [at]
    for (let to = 1; to <= nameB.length; to++)
      next.push(Math.min(row[to]! + 1, next[to - 1]! + 1, row[to - 1]! + (nameA[at - 1] === nameB[to - 1] ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}

const ORDER: Readonly<Record<ImportLikeness, number>> = { same: 0, 'same-id': 1, similar: 2 }
export function byLikeness(left: { likeness: ImportLikeness }, right: { likeness: ImportLikeness }): number {
  return ORDER[left.likeness] - ORDER[right.likeness]
}
