/**
 * Reads the header of a codestream before a decoder gets it, so that a wrong size is detected before memory is
 * allocated.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'

export type CodestreamKind = 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'jpeg-xl'

export interface CodestreamHeader {
  readonly kind: CodestreamKind
  readonly Rows: number
  readonly Columns: number
  readonly components: number
  /** Bits per sample. */
  readonly precision: number
  /** JPEG 2000: whether SIZ states signed samples. */
  readonly signed: boolean
  /** JPEG: the low byte of the SOF marker. JPEG 2000: 0x50 with a CAP marker (Part 15, high throughput), else 0x51. */
  readonly frameMarker: number
  /** JPEG 2000: the multiple component transform of COD. */
  readonly transform: number
  /** JPEG: the colour space that the codestream itself states; null when it states none. */
  readonly markedColor: 'YCbCr' | 'RGB' | null
  /** JPEG: horizontal × vertical sampling of the first component. */
  readonly sampling: number
  /** JPEG 2000: how often the wavelet transform halved the size. */
  readonly decompositions: number
}

const failed = (reason: string): OutpostError => new OutpostError('decode-failed', { reason })

/**
 * The header of a JPEG, JPEG-LS or JPEG 2000 codestream; a JP2 box around it is skipped. null for JPEG XL, whose
 * decoder checks the header itself.
 * @error decode-failed
 * @see ISO 10918-1 B.2, ISO 14495-1 C.2, ISO 15444-1 A.5
 */
export function readCodestreamHeader(bytes: Uint8Array): CodestreamHeader | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return readJpeg(bytes)
  if (bytes[0] === 0xff && bytes[1] === 0x4f) return readJpeg2000(bytes, 0)
  if (bytes[0] === 0xff && bytes[1] === 0x0a) return null
  if (bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 12) {
    const box = String.fromCharCode(...bytes.subarray(4, 8))
    if (box === 'JXL ') return null
    if (box === 'jP  ') return readJpeg2000(bytes, codestreamBox(bytes))
  }
  throw failed('codestream')
}

/** The position of the content of the jp2c box. */
function codestreamBox(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at)
    const header = length === 1 ? 16 : 8
    if (view.getUint32(at + 4) === 0x6a703263) return at + header
    if (length === 1 && at + 16 > bytes.length) break
    const size = length === 1 ? Number(view.getBigUint64(at + 8)) : length
    if (size < header) break
    at += size
  }
  throw failed('jp2')
}

function readJpeg(bytes: Uint8Array): CodestreamHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let jfif = false
  let adobe = -1
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) throw failed('jpeg marker')
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2
      continue
    }
    const length = view.getUint16(at + 2)
    if (length < 2 || at + 2 + length > bytes.length) throw failed('jpeg length')
    const isFrame =
      (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) || marker === 0xf7
    if (isFrame) {
      if (length < 8 + 3 * bytes[at + 9]!) throw failed('jpeg frame')
      const components = bytes[at + 9]!
      const sampling = components > 0 ? bytes[at + 11]! : 0x11
      return {
        kind: marker === 0xf7 ? 'jpeg-ls' : 'jpeg',
        Rows: view.getUint16(at + 5),
        Columns: view.getUint16(at + 7),
        components,
        precision: bytes[at + 4]!,
        signed: false,
        frameMarker: marker,
        transform: 0,
        markedColor: markedColor(jfif, adobe, componentIds(bytes, at)),
        sampling: (sampling >> 4) * (sampling & 15),
        decompositions: 0,
      }
    }
    const text = (end: number): string => String.fromCharCode(...bytes.subarray(at + 4, at + end))
    if (marker === 0xe0 && length >= 14 && text(9) === 'JFIF\0') jfif = true
    if (marker === 0xee && length >= 14 && text(9) === 'Adobe') adobe = bytes[at + 15]!
    if (marker === 0xda || marker === 0xd9) break
    at += 2 + length
  }
  throw failed('jpeg frame')
}

/** The identifiers of the first three components in the frame header at a position. */
function componentIds(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...[10, 13, 16].map((offset) => bytes[at + offset] ?? 0))
}

/**
 * The colour space by the rules of libjpeg, in their order. JFIF is YCbCr. Adobe's transform 0 is RGB, any other
 * transform is YCbCr. Components named R, G and B are RGB.
 * @param adobe the transform flag of APP14, −1 when there is none
 * @see ISO 10918-5 6.1, ISO 10918-6 6.5.3
 */
function markedColor(jfif: boolean, adobe: number, ids: string): CodestreamHeader['markedColor'] {
  if (jfif) return 'YCbCr'
  if (adobe >= 0) return adobe === 0 ? 'RGB' : 'YCbCr'
  return ids === 'RGB' ? 'RGB' : null
}

function readJpeg2000(bytes: Uint8Array, start: number): CodestreamHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (start + 43 > bytes.length || view.getUint32(start) !== 0xff4fff51) throw failed('jpeg 2000')
  const components = view.getUint16(start + 40)
  for (const axis of [0, 4])
    checkTiles(
      ...([8, 16, 24, 32].map((field) => view.getUint32(start + field + axis)) as [number, number, number, number]),
    )
  const depth = bytes[start + 42]!
  let transform = 0
  let decompositions = 0
  let highThroughput = false
  for (let at = start + 2; at + 4 <= bytes.length; ) {
    const marker = view.getUint16(at)
    if (marker === 0xff90 || marker < 0xff00) break
    if (marker === 0xff50) highThroughput = true
    if (marker === 0xff52 && at + 10 <= bytes.length) {
      transform = bytes[at + 8]!
      decompositions = bytes[at + 9]!
    }
    at += 2 + view.getUint16(at + 2)
  }
  return {
    kind: 'jpeg-2000',
    Rows: view.getUint32(start + 12) - view.getUint32(start + 20),
    Columns: view.getUint32(start + 8) - view.getUint32(start + 16),
    components,
    precision: (depth & 0x7f) + 1,
    signed: depth > 127,
    frameMarker: highThroughput ? 0x50 : 0x51,
    transform,
    markedColor: null,
    sampling: 1,
    decompositions,
  }
}

/**
 * Checks one axis of the tile grid. The first tile must hold the first sample of the image, and the number of tiles
 * must fit into their numbering (ISO 15444-1 B.3).
 */
function checkTiles(end: number, offset: number, tile: number, tileOffset: number): void {
  if (
    end <= offset ||
    tile === 0 ||
    tileOffset > offset ||
    tileOffset + tile <= offset ||
    (end - tileOffset) / tile > 65_535
  )
    throw failed('jpeg 2000 tiles')
}
