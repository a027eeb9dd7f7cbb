/**
 * Whose file it is, to find the patient again in text that the table keeps (PS3.15 E.1.1: whatever else identifies must
 * go too).
 */
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { texts } from '../dicom/values.ts'

export interface Identity {
  /** Lower case; found anywhere. */
  readonly parts: readonly string[]
  /** Lower case; found as whole words only, since short names begin other words. */
  readonly words: ReadonlySet<string>
  /** Digits only; found where no other digit touches them, since short ones stand in longer numbers. */
  readonly numbers: readonly string[]
  /** What names() said of short texts: devices and kernels are the same in every image. */
  readonly answers: Map<string, boolean>
}

const MOST_ANSWERS = 1000

const NAMES = [TAG.PatientName, TAG.OtherPatientNames, TAG.PatientBirthName, TAG.PatientMotherBirthName]
const NUMBERS = [TAG.PatientID, TAG.OtherPatientIDs, TAG.AccessionNumber, TAG.AdmissionID]
const WORD = /[^\p{L}\p{N}]+/u

/** The images of a study come one after another: whose the last one was is remembered. */
let last: {
  readonly names: readonly string[]
  readonly numbers: readonly string[]
  readonly identity: Identity
} | null = null

export function identityOf(dataset: DicomDataset): Identity {
  const names = NAMES.flatMap((tag) => texts(dataset, tag))
  const numbers = NUMBERS.flatMap((tag) => texts(dataset, tag))
  if (!last || !alike(last.names, names) || !alike(last.numbers, numbers))
    last = { names, numbers, identity: makeIdentity(names, numbers) }
  return last.identity
}

function alike(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}

function makeIdentity(nameValues: readonly string[], numberValues: readonly string[]): Identity {
  const parts = new Set<string>()
  const words = new Set<string>()
  const numbers = new Set<string>()
  for (const value of nameValues) {
    for (const word of value.toLowerCase().split(WORD)) {
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

/** Whether text names the patient. */
export function names(identity: Identity, text: string): boolean {
  if (text.length > 256) return isNamed(identity, text)
  const { answers } = identity
  let answer = answers.get(text)
  if (answer === undefined) {
    if (answers.size >= MOST_ANSWERS) answers.clear()
    answers.set(text, (answer = isNamed(identity, text)))
  }
  return answer
}

function isNamed(identity: Identity, text: string): boolean {
  const lower = text.toLowerCase()
  if (
    identity.parts.some((part) => lower.includes(part)) ||
    identity.numbers.some((number) => standsAlone(lower, number))
  )
    return true
  return identity.words.size > 0 && lower.split(WORD).some((word) => identity.words.has(word))
}

function standsAlone(text: string, number: string): boolean {
  const digit = (at: number): boolean => {
    const code = text.charCodeAt(at)
    return code >= 0x30 && code <= 0x39
  }
  for (let at = text.indexOf(number); at >= 0; at = text.indexOf(number, at + 1))
    if (!digit(at - 1) && !digit(at + number.length)) return true
  return false
}
