/**
 * Changes DICOM files in ways that keep them readable, so that the code after the reader is reached: elements are
 * moved, repeated, wrapped, or taken from other files.
 */
import type { DicomDataset, DicomElement } from '../../src-core/dicom/dataset.ts'
import { CHANGES, EXTREMES, layoutOf, pick, put, type Below } from './mutants.ts'

interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: Uint8Array
}

const SYNTAXES = [
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.1.99',
  '1.2.840.10008.1.2.2',
  '1.2.840.10008.1.2.5',
  ...[50, 51, 57, 70, 80, 81, 90, 91, 92, 93, 100, 110, 112, 201, 202, 203].map(
    (number) => `1.2.840.10008.1.2.4.${number}`,
  ),
]
const WORDS = [
  'MONOCHROME1',
  'MONOCHROME2',
  'PALETTE COLOR',
  'RGB',
  'YBR_FULL',
  'YBR_FULL_422',
  'YBR_RCT',
  'YBR_ICT',
  'SIGMOID',
  'LINEAR_EXACT',
  'YES',
  'DISPLAY',
  'ISO_IR 192',
  '\\ISO 2022 IR 87',
  'ISO 2022 IR 149',
  '1.2.840.10008.5.1.4.1.1.2',
  '1.2.840.10008.5.1.4.1.1.66.4',
  '1.2.840.10008.5.1.4.1.1.7',
  '1.2.840.10008.5.1.4.1.1.88.59',
  '1.2.840.10008.5.1.4.1.1.11.1',
  '0',
  '-1',
  '2147483648',
  '1e308',
  '00000000',
  '99991231',
  '',
]

/** An element with its data set; elements in items are included. */
interface Place {
  readonly element: DicomElement
  readonly dataset: DicomDataset
  readonly depth: number
}

function placesOf(dataset: DicomDataset, depth = 0, found: Place[] = []): Place[] {
  for (const element of dataset.elements.values()) {
    // This many are enough to choose from.
    if (found.length > 4_000) break
    found.push({ element, dataset, depth })
    for (const item of element.items ?? []) placesOf(item, depth + 1, found)
  }
  return found
}

/**
 * Chooses one of the places. Deep ones are as likely as shallow ones, although there are fewer elements at the top than
 * in all items.
 */
function somePlace(places: readonly Place[], below: Below): Place {
  const depth = below(3)
  const candidates = places.filter((place) => Math.min(place.depth, 2) === depth)
  return pick(below, candidates.length > 0 ? candidates : places)
}

const apply = (bytes: Uint8Array, { at, remove, insert }: Edit): Uint8Array =>
  Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)])
const wholeOf = (bytes: Uint8Array, { start, end }: DicomElement): Uint8Array => bytes.slice(start, end)

/** Returns the bytes of an element with another value and the right length. */
function withValue({ element, dataset }: Place, bytes: Uint8Array, value: Uint8Array): Uint8Array {
  const header = bytes.slice(element.start, element.valueStart)
  const padded =
    value.length % 2 === 0
      ? value
      : Buffer.concat([value, Buffer.of(element.vr === 'UI' || element.vr === 'OB' ? 0 : 32)])
  put(
    header,
    header.length - (dataset.explicitVR && header.length === 8 ? 2 : 4),
    padded.length,
    dataset.explicitVR && header.length === 8 ? 2 : 4,
  )
  return Buffer.concat([header, padded])
}

type Splice = (
  places: readonly Place[],
  bytes: Uint8Array,
  below: Below,
  donor: { readonly places: readonly Place[]; readonly bytes: Uint8Array } | null,
) => Edit | null

const SPLICES: readonly Splice[] = [
  // Inserts an element of another file before one of this file, or replaces it.
  ...[true, false].map(
    (replace): Splice =>
      (places, _bytes, below, donor) => {
        if (!donor) return null
        const { element } = somePlace(places, below)
        const from = somePlace(donor.places, below)
        return {
          at: element.start,
          remove: replace ? element.end - element.start : 0,
          insert: wholeOf(donor.bytes, from.element),
        }
      },
  ),
  // Gives an element the value of another file's element, of the same tag when there is one.
  (places, bytes, below, donor) => {
    if (!donor) return null
    const place = somePlace(places, below)
    const alike = donor.places.filter(({ element }) => element.tag === place.element.tag)
    const from = pick(below, alike.length > 0 && below(4) > 0 ? alike : donor.places).element
    return {
      at: place.element.start,
      remove: place.element.end - place.element.start,
      insert: withValue(place, bytes, donor.bytes.subarray(from.valueStart, from.valueStart + from.valueLength)),
    }
  },
  // Repeats an element once or many times.
  (places, bytes, below) => {
    const { element } = somePlace(places, below)
    const whole = wholeOf(bytes, element)
    return {
      at: element.end,
      remove: 0,
      insert: Buffer.concat(Array.from({ length: whole.length < 4096 ? pick(below, [1, 1, 2, 64]) : 1 }, () => whole)),
    }
  },
  // Removes an element.
  (places, _bytes, below) => {
    const { element } = somePlace(places, below)
    return { at: element.start, remove: element.end - element.start, insert: new Uint8Array(0) }
  },
  // Changes a tag: to a neighbour's, to another one of this file, or to a private one.
  (places, bytes, below) => {
    const { element, dataset } = somePlace(places, below)
    const tag = pick(below, [
      element.tag ^ (1 << below(16)),
      somePlace(places, below).element.tag,
      (element.tag | 0x10000) >>> 0,
      (0x60000000 | (element.tag & 0xffff)) >>> 0,
    ])
    const header = bytes.slice(element.start, element.start + 4)
    const [group, number] = [tag >>> 16, tag & 0xffff]
    if (dataset.littleEndian) put(put(header, 0, group, 2), 2, number, 2)
    else header.set([group >>> 8, group & 255, number >>> 8, number & 255])
    return { at: element.start, remove: 4, insert: header }
  },
  // Replaces a value by a word of WORDS or SYNTAXES, with the right length.
  (places, bytes, below) => {
    const texts = places.filter(({ element }) => /^(CS|UI|DS|IS|DA|TM|DT|LO|SH|PN)$/.test(element.vr))
    if (texts.length === 0) return null
    const place = pick(below, texts)
    const syntax = place.element.vr === 'UI' && below(3) > 0
    return {
      at: place.element.start,
      remove: place.element.end - place.element.start,
      insert: withValue(place, bytes, Buffer.from(pick(below, syntax ? SYNTAXES : WORDS))),
    }
  },
  // Doubles a value, or replaces a number in it by an extreme one.
  (places, bytes, below) => {
    const place = somePlace(places, below)
    const { valueStart, valueLength } = place.element
    const value = bytes.slice(valueStart, valueStart + Math.min(valueLength, 2048))
    const insert = below(2)
      ? Buffer.concat([value, value.length % 2 ? Buffer.from('\\') : Buffer.alloc(0), value])
      : put(value, below(Math.max(1, value.length)), pick(below, EXTREMES), pick(below, [1, 2, 4]))
    return {
      at: place.element.start,
      remove: place.element.end - place.element.start,
      insert: withValue(place, bytes, insert),
    }
  },
  // Puts an element into an item of a sequence at another depth.
  (places, bytes, below) => {
    const sequences = places.filter(({ element }) => element.items?.some((item) => item.elements.size > 0))
    if (sequences.length === 0) return null
    const item = pick(
      below,
      pick(below, sequences).element.items!.filter((one) => one.elements.size > 0),
    )
    const inside = pick(below, [...item.elements.values()])
    return { at: inside.start, remove: 0, insert: wholeOf(bytes, somePlace(places, below).element) }
  },
]

/** Changes the transfer syntax in the file meta information, so that the data set is read in the wrong encoding. */
function otherSyntax(bytes: Uint8Array, below: Below): Uint8Array {
  const file = layoutOf(bytes)
  const element = file?.meta?.elements.get(0x00020010)
  if (!file?.meta || !element) return bytes
  const place = { element, dataset: file.meta, depth: 0 }
  const changed = apply(bytes, {
    at: element.start,
    remove: element.end - element.start,
    insert: withValue(place, bytes, Buffer.from(pick(below, SYNTAXES))),
  })
  const length = file.meta.elements.get(0x00020000)
  if (length)
    put(
      changed,
      length.valueStart,
      changed.length - bytes.length + Buffer.from(bytes).readUInt32LE(length.valueStart),
      4,
    )
  return changed
}

/**
 * Returns a copy with one to six changes, each to the bytes or to the elements.
 * @param donor another file, from which elements may be taken
 */
export function splicedMutant(original: Uint8Array, donor: Uint8Array | null, below: Below): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(original)
  for (let changes = 1 + below(6); changes > 0 && bytes.length > 0; changes--) {
    const kind = below(12)
    if (kind === 0) bytes = otherSyntax(bytes, below)
    else
      bytes =
        kind < 7 ? spliced(bytes, donor, below) : pick(below, CHANGES)(new Uint8Array(bytes), below, layoutOf(bytes))
  }
  return new Uint8Array(bytes)
}

function spliced(bytes: Uint8Array, donor: Uint8Array | null, below: Below): Uint8Array {
  const places = topAndMeta(bytes)
  if (!places) return bytes
  const others = donor && topAndMeta(donor)
  const edit = pick(below, SPLICES)(places, bytes, below, donor && others ? { places: others, bytes: donor } : null)
  if (!edit) return bytes
  const changed = apply(bytes, edit)
  // Most of the time the sequences around a change get the new length; otherwise everything after the change would be
  // misread.
  if (below(8) > 0)
    for (const { element, dataset } of places) {
      if (element.items && !element.undefinedLength && element.start < edit.at && edit.at < element.end)
        grow(changed, element.valueStart - 4, edit, dataset.littleEndian)
      for (const item of element.items ?? []) {
        const first = item.elements.values().next().value
        if (first && edit.at >= first.start && edit.at < element.end && within(item, edit.at))
          grow(changed, first.start - 4, edit, dataset.littleEndian)
      }
    }
  return changed
}

function within(item: DicomDataset, at: number): boolean {
  const ends = [...item.elements.values()].at(-1)?.end ?? 0
  return at < ends
}

/** Adapts a length field before the edit. */
function grow(bytes: Uint8Array, at: number, { remove, insert }: Edit, littleEndian: boolean): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (at < 0 || at + 4 > bytes.length) return
  const length = view.getUint32(at, littleEndian)
  if (length !== 0xffffffff) view.setUint32(at, Math.max(0, length + insert.length - remove), littleEndian)
}

function topAndMeta(bytes: Uint8Array): Place[] | null {
  const file = layoutOf(bytes)
  if (!file || file.dataset.elements.size === 0) return null
  return placesOf(file.dataset)
}
