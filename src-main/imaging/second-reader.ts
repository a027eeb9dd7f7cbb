/**
 * Reads a de-identified instance again before it leaves, with a parser that did not write it (dicom-parser). No
 * identifier may be found, and the pixel data must be complete (D9).
 */
import dicomParser, { type Element } from 'dicom-parser'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DeidentifiedInstance, DeidentifyContext } from '../../src-core/deidentify/deidentify.ts'
import { identityOf, type Identity } from '../../src-core/deidentify/identity.ts'
import {
  needsNoCheck,
  isLeftBehind,
  isStatement,
  levelInside,
  type Level,
} from '../../src-core/deidentify/left-behind.ts'
import { TEXT_VRS, withParsedItems } from '../../src-core/deidentify/rewrite.ts'
import type { DicomDataset, DicomFile, Tag, VR } from '../../src-core/dicom/dataset.ts'
import { keywordOf, TAG, tagText } from '../../src-core/dicom/dictionary.ts'
import { decodeBytes } from '../../src-core/dicom/text.ts'
import { valueBytes } from '../../src-core/dicom/values.ts'

/** VRs that are newer than the parser and have a length of 32 bits. */
const LATER_LONG_VRS = new Set(['OV', 'SV', 'UV'])
const PREAMBLE_AND_PREFIX = 132
/** The elements that the File Meta Information may contain. */
const META = new Set<Tag>([0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013])
const FIRST_OF_DATASET = 0x00080000
const PIXEL_TAGS = [0x7fe00008, 0x7fe00009, 0x7fe00010]
const DELIMITER = Buffer.from('feffdde000000000', 'hex')

interface Judging {
  readonly bytes: Buffer
  readonly identity: Identity
  readonly assigned: ReadonlySet<string>
}

/**
 * @param source the file before it was de-identified
 * @error identifier-left, pixels-not-intact; both name the element, never its value
 */
export function readAgain(
  instance: Pick<DeidentifiedInstance, 'chunks'>,
  source: DicomFile,
  context: Pick<DeidentifyContext, 'options' | 'patientName' | 'patientId'>,
): void {
  const { chunks } = instance
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  // When native pixels follow, reading the header is enough; in all other cases the chunks are joined and read.
  let bytes = asBuffer(chunks[0]!)
  let read = chunks.length <= 2 ? parse(bytes) : null
  if (bytes.length < size && !(read && endsInNativePixels(read.elements))) {
    bytes = Buffer.concat(chunks)
    read = parse(bytes)
  }
  if (!read) throw new OutpostError('pixels-not-intact', { element: 'unreadable' })
  const { elements } = read
  if (read.end !== size) throw new OutpostError('pixels-not-intact', { element: nameOf(numberOf(elements.at(-1)!)) })
  checkPixels(bytes, elements, source)
  const judging: Judging = {
    bytes,
    identity: identityOf(source.dataset),
    assigned: new Set([context.patientName, context.patientId]),
  }
  const level: Level = {
    source: source.dataset,
    options: context.options,
    textRemoved: false,
    CodingSchemeDesignator: '',
  }
  judge(judging, elements, level, [])
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
const numberOf = (element: Element): Tag => Number.parseInt(element.tag.slice(1), 16)
const nameOf = (tag: Tag): string => keywordOf(tag) ?? tagText(tag)

function endsInNativePixels(elements: readonly Element[]): boolean {
  const last = elements.at(-1)
  return last !== undefined && PIXEL_TAGS.includes(numberOf(last)) && !last.hadUndefinedLength
}

/**
 * Returns the elements of the data set with the items of sequences. The last value may extend beyond the end. Null when
 * the bytes cannot be read.
 */
function parse(bytes: Buffer): { readonly elements: Element[]; readonly end: number } | null {
  const stream = new dicomParser.ByteStream(dicomParser.littleEndianByteArrayParser, bytes, PREAMBLE_AND_PREFIX)
  const readFixedString = stream.readFixedString.bind(stream)
  stream.readFixedString = (length) => {
    const text = readFixedString(length)
    return length === 2 && LATER_LONG_VRS.has(text) ? 'OB' : text
  }
  const elements: Element[] = []
  try {
    while (stream.position < bytes.length) elements.push(dicomParser.readDicomElementExplicit(stream, []))
    return { elements, end: stream.position }
  } catch {
    return null
  }
}

function checkPixels(bytes: Buffer, elements: readonly Element[], { dataset }: DicomFile): void {
  const fail = (tag: Tag): never => {
    throw new OutpostError('pixels-not-intact', { element: nameOf(tag) })
  }
  for (const tag of PIXEL_TAGS) {
    const pixelData = elements.find((element) => numberOf(element) === tag)
    const before = dataset.elements.get(tag)
    if ((pixelData === undefined) !== (before === undefined)) fail(tag)
    if (!pixelData || !before) continue
    const end = pixelData.dataOffset + pixelData.length
    if (pixelData.hadUndefinedLength) {
      // The pixel data needs at least one fragment, and the delimiter at its end.
      if ((pixelData.fragments?.length ?? 0) === 0 || !bytes.subarray(end - 8, end).equals(DELIMITER)) fail(tag)
    } else if (!before.fragments && before.valueLength > 0 && pixelData.length === 0) fail(tag)
  }
}

function judge(judging: Judging, elements: readonly Element[], level: Level, characterSets: readonly string[]): void {
  const { bytes, identity, assigned } = judging
  let sets = characterSets
  const rawOf = (element: Element): string => valueOf(bytes, element)
  for (const element of elements) {
    const tag = numberOf(element)
    if (tag < FIRST_OF_DATASET) {
      if (!META.has(tag)) leftBehind(tag)
      continue
    }
    if (PIXEL_TAGS.includes(tag) || tag >>> 16 === 0xfffe) continue
    const vr = (element.vr ?? 'UN') as VR
    if (element.items) {
      if (!isStatement(tag)) judgeItems(judging, element, tag, level, sets)
      continue
    }
    if (tag === TAG.SpecificCharacterSet)
      sets = rawOf(element)
        .split('\\')
        .map((term) => term.trim())
    if (element.length === 0 || needsNoCheck(tag, vr, level.options)) continue
    const raw = rawOf(element)
    const before = level.source?.elements.get(tag)
    const read = {
      tag,
      vr,
      raw,
      text: TEXT_VRS.has(vr) || vr === 'PN' ? decoded(raw, sets, vr === 'PN') : '',
      before:
        level.source && before && !before.items
          ? trimmed(asBuffer(valueBytes(level.source, before)).toString('latin1'))
          : null,
    }
    if (isLeftBehind(read, level, identity, assigned)) leftBehind(tag)
  }
}

function leftBehind(tag: Tag): never {
  throw new OutpostError('identifier-left', { element: nameOf(tag) })
}

function judgeItems(judging: Judging, element: Element, tag: Tag, level: Level, sets: readonly string[]): void {
  // No private sequence is known to be safe.
  if ((tag >>> 16) % 2 === 1) leftBehind(tag)
  const before = itemsOf(level.source, tag)
  element.items!.forEach((item, index) => {
    const elements = Object.values(item.dataSet?.elements ?? {})
    const scheme = item.dataSet?.elements['x00080102']
    const designator = scheme ? valueOf(judging.bytes, scheme) : ''
    judge(judging, elements, levelInside(tag, level, before[index] ?? null, designator), sets)
  })
}

function itemsOf(source: DicomDataset | null, tag: Tag): readonly DicomDataset[] {
  const element = source?.elements.get(tag)
  if (!source || !element) return []
  return element.items ?? withParsedItems(source, element)?.items ?? []
}

const valueOf = (bytes: Buffer, { dataOffset, length }: Element): string =>
  trimmed(bytes.toString('latin1', dataOffset, dataOffset + length))
const trimmed = (raw: string): string => raw.replace(/[\0 ]+$/, '').trim()

function decoded(raw: string, sets: readonly string[], personName: boolean): string {
  return /^[\x20-\x7e]*$/.test(raw) ? raw : decodeBytes(Buffer.from(raw, 'latin1'), sets, personName)
}
