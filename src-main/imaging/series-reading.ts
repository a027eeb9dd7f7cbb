/**
 * The second reading of the slices of a series. Their heads are the same but for a few values: bytes that are those of
 * a
 * head that was read again say what they said there, and only values that differ are looked at.
 */
import type { Element } from 'dicom-parser'
import type { DeidentifiedInstance } from '../../src-core/deidentify/deidentify.ts'
import { isHarmless } from '../../src-core/deidentify/left-behind.ts'
import type { OptionName } from '../../src-core/deidentify/options.ts'
import type { Tag, VR } from '../../src-core/dicom/dataset.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'

interface Varying {
  readonly uid: boolean
  /** Where the fixed bytes before it end: at its length, of two bytes. */
  readonly lengthAt: number
  readonly end: number
}

/** A head that the second parser read, and where the next one may differ from it. */
export interface SeriesReading {
  readonly head: Buffer
  readonly varying: readonly Varying[]
  /** In bytes. */
  readonly pixelsLength: number
}

const GROUP_LENGTH = 0x00020000
const UIDS = new Set<Tag>([TAG.MediaStorageSOPInstanceUID, TAG.SOPInstanceUID])

/** @param elements of the head, in its order, as the second parser found them */
export function seriesReading(
  head: Buffer,
  elements: readonly Element[],
  options: ReadonlySet<OptionName>,
): SeriesReading {
  const varying: Varying[] = []
  for (const { tag: name, vr, dataOffset, length } of elements) {
    const tag = Number.parseInt(name.slice(1), 16)
    const uid = UIDS.has(tag)
    const number = /^(DS|IS|FL|FD)$/.test(vr ?? '') && isHarmless(tag, vr as VR, options)
    if (uid || number || tag === GROUP_LENGTH) varying.push({ uid, lengthAt: dataOffset - 2, end: dataOffset + length })
  }
  // The head lies where the next one will be put together.
  return { head: Buffer.from(head), varying, pixelsLength: elements.at(-1)?.length ?? 0 }
}

/**
 * Whether a head and its pixels are those of a reading but for numbers that may stay and a new UID of the instance.
 * @param source of the instance: its UID must not stand there
 */
export function repeats(
  { head, varying, pixelsLength }: SeriesReading,
  { chunks }: DeidentifiedInstance,
  source: Uint8Array,
): boolean {
  const [next, pixels] = chunks.map((chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
  if (!next || pixels?.length !== pixelsLength || chunks.length !== 2) return false
  const sourceHead = Buffer.from(source.buffer, source.byteOffset, Math.max(0, source.length - pixelsLength))
  let at = 0
  let from = 0
  for (const { uid, lengthAt, end } of varying) {
    const start = at + lengthAt - from
    if (start + 2 > next.length || head.compare(next, at, start, from, lengthAt) !== 0) return false
    at = start + 2 + next.readUInt16LE(start)
    from = end
    if (uid && sourceHead.includes(withoutPadding(next.subarray(start + 2, at)))) return false
  }
  return next.length - at === head.length - from && head.compare(next, at, next.length, from, head.length) === 0
}

function withoutPadding(uid: Buffer): Buffer {
  return uid.at(-1) === 0 ? uid.subarray(0, -1) : uid
}
