/**
 * Writes again those application segments that decide how colours are decoded, with their fixed fields only: JFIF,
 * Adobe, and for JPEG-LS SPIFF and the colour transform of HP. All others are dropped, such as EXIF, XMP, IPTC,
 * thumbnails and those of manufacturers.
 */
import { segment, uint32 } from './bytes.ts'

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to))

/** Version 1.2, no unit, square pixels, no thumbnail. A decoder reads the name only. */
const JFIF = segment(0xffe0, Uint8Array.of(0x4a, 0x46, 0x49, 0x46, 0, 1, 2, 0, 0, 1, 0, 1, 0, 0))
const SPIFF_END = Uint8Array.of(0, 0, 0, 1, 0xff, 0xd8)

export interface FrameSize {
  readonly Rows: number
  readonly Columns: number
  readonly components: number
  readonly precision: number
}

/**
 * The application segment to write for one that was read.
 * @param marker second byte of the marker, 0xe0 to 0xef
 * @param content the bytes after the segment's length
 * @returns null when no decoder needs the segment
 * @see ITU-T T.871 (JFIF), T.872 6.5.3 (Adobe), T.84 F (SPIFF)
 */
export function neededSegment(marker: number, content: Uint8Array, frame: FrameSize): Uint8Array | null {
  if (marker === 0xe0 && content.length >= 14 && ascii(content, 0, 5) === 'JFIF\0') return JFIF
  if (marker === 0xee && content.length >= 12 && ascii(content, 0, 5) === 'Adobe')
    return segment(0xffee, Uint8Array.of(0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, content[11]!))
  if (marker !== 0xe8) return null
  if (content.length >= 5 && ascii(content, 0, 4) === 'mrfx')
    return segment(0xffe8, Uint8Array.of(0x6d, 0x72, 0x66, 0x78, content[4]!))
  if (content.length >= 30 && ascii(content, 0, 6) === 'SPIFF\0') return spiff(frame, content[18]!, content[20]!)
  return content.length === 6 && uint32(content, 0) === 1 ? segment(0xffe8, SPIFF_END) : null
}

/** A SPIFF header of version 1.0: no profile, square pixels, the size of the frame. */
function spiff({ Rows, Columns, components, precision }: FrameSize, colors: number, compression: number): Uint8Array {
  const content = new Uint8Array(30)
  content.set([0x53, 0x50, 0x49, 0x46, 0x46, 0, 1, 0, 0, components])
  const view = new DataView(content.buffer)
  view.setUint32(10, Rows)
  view.setUint32(14, Columns)
  content.set([colors, precision, compression, 0], 18)
  view.setUint32(22, 1)
  view.setUint32(26, 1)
  return segment(0xffe8, content)
}
