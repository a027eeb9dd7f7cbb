/**
 * The patient's names and numbers, which are searched for in text that the table keeps (PS3.15 E.1.1: other identifying
 * information must be removed too).
 */
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { texts } from '../dicom/values.ts'

export interface Identity {
  /** Names and identifiers in lower case that are found anywhere in a text. */
  readonly parts: readonly string[]
  /**
   * Names and identifiers in lower case that are found as whole words only, because other words may begin with a short
   * name.
   */
  readonly words: ReadonlySet<string>
  /**
   * Identifiers of digits only. They are found only where no other digit is next to them, because a longer number may
   * contain a short one.
   */
  readonly numbers: readonly string[]
  /** The answers of namesPatient() for short texts, kept because texts about the device are the same in every image. */
  readonly answers: Map<string, boolean>
}

const MAX_ANSWERS = 1000

const NAME_TAGS = [TAG.PatientName, TAG.OtherPatientNames, TAG.PatientBirthName, TAG.PatientMotherBirthName]
const NUMBER_TAGS = [TAG.PatientID, TAG.OtherPatientIDs, TAG.AccessionNumber, TAG.AdmissionID]
const NO_WORD_CHARACTERS = /[^\p{L}\p{N}]+/u

/** The identity of the last data set, kept because the images of a study come one after another. */
let lastIdentity: {
  readonly names: readonly string[]
  readonly numbers: readonly string[]
  readonly identity: Identity
} | null = null

export function identityOf(dataset: DicomDataset): Identity {
  const names = NAME_TAGS.flatMap((tag) => texts(dataset, tag))
  const numbers = NUMBER_TAGS.flatMap((tag) => texts(dataset, tag))
  if (!lastIdentity || !sameValues(lastIdentity.names, names) || !sameValues(lastIdentity.numbers, numbers))
    lastIdentity = { names, numbers, identity: makeIdentity(names, numbers) }
  return lastIdentity.identity
}

function sameValues(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index])
}

function makeIdentity(nameValues: readonly string[], numberValues: readonly string[]): Identity {
  const parts = new Set<string>()
  const words = new Set<string>()
  const numbers = new Set<string>()
  for (const value of nameValues) {
    for (const word of value.toLowerCase().split(NO_WORD_CHARACTERS)) {
      const long = word.length >= 4 || (word.length >= 2 && /[\u0250-\u{10ffff}]/u.test(word))
      if (long) parts.add(word)
      else if (word.length >= 2) words.add(word)
    }
  }
  for (const value of numberValues) {
    const number = value.trim().toLowerCase()
    if (number.length < 3) continue
    if (/^\d+$/.test(number)) numbers.add(number)
    else if (number.length >= 4) parts.add(number)
    else words.add(number)
  }
  return { parts: [...parts], words, numbers: [...numbers], answers: new Map() }
}

/** Whether a text contains a name or a number of the patient. */
export function namesPatient(identity: Identity, text: string): boolean {
  if (text.length > 256) return containsIdentity(identity, text)
  const { answers } = identity
  let answer = answers.get(text)
  if (answer === undefined) {
    if (answers.size >= MAX_ANSWERS) answers.clear()
    answers.set(text, (answer = containsIdentity(identity, text)))
  }
  return answer
}

function containsIdentity(identity: Identity, text: string): boolean {
  const lower = text.toLowerCase()
  if (
    identity.parts.some((part) => lower.includes(part)) ||
    identity.numbers.some((number) => containsNumber(lower, number))
  )
    return true
  return identity.words.size > 0 && lower.split(NO_WORD_CHARACTERS).some((word) => identity.words.has(word))
}

function containsNumber(text: string, number: string): boolean {
  const digit = (at: number): boolean => {
    const code = text.charCodeAt(at)
    return code >= 0x30 && code <= 0x39
  }
  for (let at = text.indexOf(number); at >= 0; at = text.indexOf(number, at + 1))
    if (!digit(at - 1) && !digit(at + number.length)) return true
  return false
}
