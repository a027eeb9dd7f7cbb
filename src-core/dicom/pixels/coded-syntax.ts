/**
 * Finds the transfer syntax of fragments by their bytes, for files that name an uncompressed syntax but have fragments.
 */

const STANDARD_ROOT = '1.2.840.10008.1.2.'

/**
 * @param bytes the first fragment
 * @param segments the number of segments of an RLE frame: SamplesPerPixel × bytes per sample
 * @param frameBytes the size of an uncompressed frame
 * @returns a transfer syntax whose decoder reads these bytes; null when they are of no known kind
 * @see PS3.5 A.4 and Annex G; ISO 10918-1 B.1.1, ISO 14495-1 C.1, ISO 15444-1 A.4
 */
export function codedSyntax(bytes: Uint8Array, segments: number, frameBytes: number): string | null {
  const starts = (...expected: number[]): boolean => expected.every((byte, index) => bytes[index] === byte)
  if (starts(0xff, 0xd8, 0xff)) return jpegSyntax(bytes)
  if (starts(0xff, 0x4f, 0xff, 0x51)) return isHighThroughput(bytes) ? `${STANDARD_ROOT}4.203` : `${STANDARD_ROOT}4.91`
  if (starts(0xff, 0x0a) || starts(0, 0, 0, 12, 0x4a)) return `${STANDARD_ROOT}4.112`
  if (starts(0, 0, 0, 12, 0x6a)) return `${STANDARD_ROOT}4.91`
  if (isRle(bytes, segments)) return `${STANDARD_ROOT}5`
  return frameBytes > 0 && bytes.length >= frameBytes ? `${STANDARD_ROOT}1.98` : null
}

/** The syntax by the marker of the frame: baseline, extended, lossless or JPEG-LS. */
function jpegSyntax(bytes: Uint8Array): string {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker === 0xf7) return `${STANDARD_ROOT}4.81`
    if (marker === 0xc0) return `${STANDARD_ROOT}4.50`
    if (marker === 0xc3) return `${STANDARD_ROOT}4.57`
    if (marker === 0xc1 || marker === 0xc2) return `${STANDARD_ROOT}4.51`
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
  }
  return `${STANDARD_ROOT}4.50`
}

/** Whether a CAP marker (ISO 15444-15 A.2) follows SIZ in the main header. */
function isHighThroughput(bytes: Uint8Array): boolean {
  const next = 4 + ((bytes[4]! << 8) | bytes[5]!)
  return bytes[next] === 0xff && bytes[next + 1] === 0x50
}

/**
 * Whether the header names as many segments as the image needs, the first directly after the header and the others in
 * order.
 */
function isRle(bytes: Uint8Array, segments: number): boolean {
  if (bytes.length < 64) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, 64)
  if (view.getUint32(0, true) !== segments || view.getUint32(4, true) !== 64) return false
  for (let segment = 1; segment < segments; segment++) {
    const offset = view.getUint32(4 + segment * 4, true)
    if (offset <= view.getUint32(segment * 4, true) || offset >= bytes.length) return false
  }
  return true
}
