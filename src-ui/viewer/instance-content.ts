/**
 * Reads the content of an instance that is not an image: a document, a video, or the text of a structured report. Pure.
 */
import { joinedBytes } from '../../src-core/bytes.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DicomDataset, DicomFile } from '../../src-core/dicom/dataset.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { number, sequence, text, valueBytes } from '../../src-core/dicom/values.ts'

export type InstanceContent =
  /**
   * openable: the file is safe to open in a new tab. Other files can only be saved, because a tab would run them with
   * the rights of the page.
   */
  | {
      readonly kind: 'file'
      readonly bytes: Uint8Array<ArrayBuffer>
      readonly type: string
      readonly extension: string
      readonly openable: boolean
    }
  | { readonly kind: 'outline'; readonly lines: readonly OutlineLine[] }

/** One content item of a structured report, as a line of text. */
export interface OutlineLine {
  readonly depth: number
  readonly name: string
  readonly value: string
}

const ENCAPSULATED_DOCUMENT = 0x00420011
const ENCAPSULATED_DOCUMENT_LENGTH = 0x00420015
const MIME_TYPE = 0x00420012
const PIXEL_DATA = 0x7fe00010
const CONTENT_SEQUENCE = 0x0040a730
const MAX_LINES = 5000

const EXTENSIONS: Record<string, string> = {
  'text/xml': 'xml',
  'application/xml': 'xml',
  'model/stl': 'stl',
  'application/sla': 'stl',
  'model/obj': 'obj',
  'model/mtl': 'mtl',
}

/**
 * @param bytes a Part 10 file
 * @error those of parseDicom; no-pixel-data when there is nothing of these kinds
 * @see PS3.3 C.24.2 (encapsulated document), PS3.5 8.2.5 to 8.2.12 (video), PS3.3 C.17.3 (content tree)
 */
export function contentOf(bytes: Uint8Array<ArrayBuffer>): InstanceContent {
  const file = parseDicom(bytes)
  const { dataset } = file
  const document = dataset.elements.get(ENCAPSULATED_DOCUMENT)
  if (document) return documentOf(dataset, valueBytes(dataset, document))
  if (dataset.elements.get(PIXEL_DATA)?.fragments) return videoOf(file)
  if (dataset.elements.has(CONTENT_SEQUENCE)) return { kind: 'outline', lines: outlineOf(dataset, 0, []) }
  throw new OutpostError('no-pixel-data')
}

function documentOf(dataset: DicomDataset, stored: Uint8Array): InstanceContent {
  const length = number(dataset, ENCAPSULATED_DOCUMENT_LENGTH)
  const bytes = new Uint8Array(
    length !== undefined && length > 0 && length <= stored.length ? stored.subarray(0, length) : stored,
  )
  const type = text(dataset, MIME_TYPE).toLowerCase()
  // The bytes decide on the type, because a stated type may be wrong.
  if (type === 'application/pdf' && startsWith(bytes, '%PDF-'))
    return { kind: 'file', bytes, type, extension: 'pdf', openable: true }
  return {
    kind: 'file',
    bytes,
    type: 'application/octet-stream',
    extension: EXTENSIONS[type] ?? 'bin',
    openable: false,
  }
}

function videoOf({ dataset }: DicomFile): InstanceContent {
  const fragments = dataset.elements.get(PIXEL_DATA)!.fragments!
  const bytes = joinedBytes(fragments.map(({ start, length }) => dataset.bytes.subarray(start, start + length)))
  const extension = startsWith(bytes.subarray(4), 'ftyp') ? 'mp4' : bytes[0] === 0x47 ? 'ts' : 'mpg'
  return { kind: 'file', bytes, type: 'application/octet-stream', extension, openable: false }
}

function startsWith(bytes: Uint8Array, characters: string): boolean {
  return [...characters].every((character, index) => bytes[index] === character.charCodeAt(0))
}

function outlineOf(item: DicomDataset, depth: number, lines: OutlineLine[]): OutlineLine[] {
  const name = text(sequence(item, 0x0040a043)[0] ?? item, 0x00080104)
  const value = valueOf(item)
  if (lines.length < MAX_LINES && (value || text(item, 0x0040a040) === 'CONTAINER')) lines.push({ depth, name, value })
  for (const child of sequence(item, CONTENT_SEQUENCE)) outlineOf(child, depth + 1, lines)
  return lines
}

function valueOf(item: DicomDataset): string {
  const meaning = (owner: DicomDataset, tag: number) => text(sequence(owner, tag)[0] ?? EMPTY, 0x00080104)
  switch (text(item, 0x0040a040)) {
    case 'TEXT':
      return text(item, 0x0040a160)
    case 'CODE':
      return meaning(item, 0x0040a168)
    case 'PNAME':
      return text(item, 0x0040a123)
    case 'DATE':
      return text(item, 0x0040a121)
    case 'TIME':
      return text(item, 0x0040a122)
    case 'DATETIME':
      return text(item, 0x0040a120)
    case 'NUM': {
      const measured = sequence(item, 0x0040a300)[0]
      return measured ? [text(measured, 0x0040a30a), meaning(measured, 0x004008ea)].filter(Boolean).join(' ') : ''
    }
    default:
      return ''
  }
}

const EMPTY: DicomDataset = {
  bytes: new Uint8Array(0),
  littleEndian: true,
  explicitVR: true,
  characterSets: [],
  elements: new Map(),
}
