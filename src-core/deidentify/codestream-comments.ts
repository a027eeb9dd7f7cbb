/**
 * Comments that encoders and cameras leave inside compressed frames, made of zeros: lengths stay, so that no offset
 * changes.
 */

/**
 * APPn segments that decoders need: JFIF, HP's and SPIFF's colour transforms (JPEG-LS), Adobe's colour transform. All
 * others are EXIF, XMP, IPTC and the like.
 */
const NEEDED = new Set([0xe0, 0xe8, 0xee])

/**
 * Ranges of a JPEG or JPEG-LS codestream (ITU-T T.81 B.1.1) that hold comments; only what stands before the first scan
 * is looked through.
 */
function jpegComments(bytes: Uint8Array, start: number, end: number, found: [number, number][]): void {
  let at = start + 2
  while (at + 4 <= end && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker === 0xda || marker === 0xd9) return
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    const next = at + 2 + length
    if (length < 2 || next > end) return
    if (marker === 0xfe || (marker >= 0xe0 && marker <= 0xef && !NEEDED.has(marker))) found.push([at + 4, next])
    at = next
  }
}

/**
 * Ranges of a JPEG 2000 codestream (ITU-T T.800 A.9.2) that hold comments: of the main header and of every tile-part's.
 */
function jpeg2000Comments(bytes: Uint8Array, start: number, end: number, found: [number, number][]): void {
  let at = start + 2
  let tilePart = 0
  let tileLength = 0
  while (at + 4 <= end && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!
    if (marker === 0xd9) return
    if (marker === 0x93) {
      // The data of a tile-part: on to the next, unless this is the last, whose length may be left open.
      if (tilePart + tileLength <= at) return
      at = tilePart + tileLength
      continue
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    const next = at + 2 + length
    if (length < 2 || next > end) return
    if (marker === 0x90) {
      if (length < 10) return
      const total = ((bytes[at + 6]! << 24) | (bytes[at + 7]! << 16) | (bytes[at + 8]! << 8) | bytes[at + 9]!) >>> 0
      if (total !== 0 && at + total <= next) return
      tilePart = at
      tileLength = total
    }
    // Two bytes say whether text or binary follows.
    if (marker === 0x64 && length > 4) found.push([at + 6, next])
    at = next
  }
}

/** The only comments that stay: encoders naming themselves, as most JPEG 2000 ones do. */
const ENCODER =
  /^(?:Kakadu-v?[\d.]{1,12}|OpenJPH Ver [\d.]{1,12}|Created by (?:GDCM\/)?OpenJPEG version [\d.]{1,12}|Creator: JasPer Version [\d.]{1,12})\0*$/

function tells(bytes: Uint8Array): boolean {
  if (bytes.length <= 64 && ENCODER.test(String.fromCharCode(...bytes))) return false
  return bytes.some((byte) => byte !== 0)
}

/**
 * Encapsulated pixel data without comments: the bytes as given when there are none, else a copy.
 * @param fragments where each begins in bytes, and its length
 */
export function withoutComments(
  bytes: Uint8Array,
  fragments: readonly { readonly start: number; readonly length: number }[],
): Uint8Array {
  const found: [number, number][] = []
  for (const { start, length } of fragments) {
    const end = Math.min(bytes.length, start + length)
    if (bytes[start] !== 0xff) continue
    if (bytes[start + 1] === 0xd8) jpegComments(bytes, start, end, found)
    else if (bytes[start + 1] === 0x4f) jpeg2000Comments(bytes, start, end, found)
  }
  const filled = found.filter(([from, to]) => tells(bytes.subarray(from, to)))
  if (filled.length === 0) return bytes
  const copy = bytes.slice()
  for (const [from, to] of filled) copy.fill(0, from, to)
  return copy
}
