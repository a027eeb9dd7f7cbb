/**
 * Cleans JP2 files, which some writers store in DICOM instead of a bare JPEG 2000 codestream. Only those boxes are kept
 * that decide how samples become colours, and only their fixed fields (ISO 15444-1 Annex I).
 */
import { concatenated } from '../../bytes.ts'
import { uint16, uint32, unwalkable } from './bytes.ts'
import { cleanJpeg2000 } from './jpeg-2000.ts'

interface Box {
  readonly type: string
  readonly content: Uint8Array
}

const SIGNATURE = box('jP  ', Uint8Array.of(0x0d, 0x0a, 0x87, 0x0a))
const FILE_TYPE = box(
  'ftyp',
  Uint8Array.from('jp2 \0\0\0\0jp2 ', (letter) => letter.charCodeAt(0)),
)
const GREYSCALE = 17
const SRGB = 16

/**
 * The JP2 file reduced to the boxes that a decoder needs.
 * @error cannot-deidentify
 */
export function cleanJp2(bytes: Uint8Array): Uint8Array {
  const boxes = boxesIn(bytes)
  const header = boxes.find(({ type }) => type === 'jp2h')
  const codestream = boxes.find(({ type }) => type === 'jp2c')
  if (!header || !codestream) throw unwalkable('jp2')
  const headerBoxes = boxesIn(header.content)
  const imageHeader = headerBoxes.find(({ type }) => type === 'ihdr')?.content
  if (imageHeader?.length !== 14) throw unwalkable('jp2 header')
  const channels = uint16(imageHeader, 8)
  const keptBoxes = headerBoxes.flatMap(({ type, content }): Uint8Array[] => {
    const cleaned = cleanedContent(type, content, channels)
    return cleaned ? [box(type, cleaned)] : []
  })
  return concatenated([
    SIGNATURE,
    FILE_TYPE,
    box('jp2h', concatenated(keptBoxes)),
    box('jp2c', cleanJpeg2000(codestream.content)),
  ]) // prettier-ignore
}

function box(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + content.length)
  new DataView(bytes.buffer).setUint32(0, bytes.length)
  for (let index = 0; index < 4; index++) bytes[4 + index] = type.charCodeAt(index)
  bytes.set(content, 8)
  return bytes
}

function boxesIn(bytes: Uint8Array): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const lengthField = uint32(bytes, at)
    // A length of 1 means that eight bytes with the length follow. A length of 0 means that the box is the last one.
    const start = at + (lengthField === 1 ? 16 : 8)
    const end = lengthField === 0 ? bytes.length : at + (lengthField === 1 ? uint32(bytes, at + 12) : lengthField)
    if (start > bytes.length || end < start || (lengthField === 1 && uint32(bytes, at + 8) !== 0))
      throw unwalkable('jp2 box')
    // A file whose last box is cut off is read up to its end, as decoders do.
    boxes.push({ type, content: bytes.subarray(start, Math.min(end, bytes.length)) })
    if (type === 'jp2c') break
    at = end
  }
  return boxes
}

/**
 * The content of a box without other bytes; null for a box that no decoder needs.
 * @error cannot-deidentify for a needed box that is longer than its fields
 */
function cleanedContent(type: string, content: Uint8Array, channels: number): Uint8Array | null {
  const contentOfLength = (length: number): Uint8Array => {
    if (content.length !== length) throw unwalkable(`jp2 ${type}`)
    return content
  }
  switch (type) {
    case 'ihdr':
      return contentOfLength(14)
    case 'bpcc':
      return contentOfLength(channels)
    case 'cdef':
      return contentOfLength(2 + 6 * uint16(content, 0))
    case 'cmap':
      return contentOfLength(content.length - (content.length % 4))
    case 'pclr':
      return contentOfLength(paletteLength(content))
    case 'colr':
      return color(content, channels)
    default:
      return null
  }
}

function paletteLength(content: Uint8Array): number {
  const columns = content[2]!
  let bytes = 0
  for (let column = 0; column < columns; column++) bytes += Math.ceil(((content[3 + column]! & 0x7f) + 1) / 8)
  return 3 + columns + uint16(content, 0) * bytes
}

/**
 * The colour space as an enumerated value. An ICC profile is not kept, because it may hold any text and DICOM has an
 * attribute for it.
 */
function color(content: Uint8Array, channels: number): Uint8Array {
  const space = content[0] === 1 && content.length === 7 ? uint32(content, 3) : channels < 3 ? GREYSCALE : SRGB
  const enumeratedSpace = Uint8Array.of(1, 0, 0, 0, 0, 0, 0)
  new DataView(enumeratedSpace.buffer).setUint32(3, space)
  return enumeratedSpace
}
