/** The bits of one entropy-coded segment of JPEG or JPEG-LS, which ends before a marker. */
export interface EntropyBits {
  /** 32 bits each, the first ones highest, and zeros after the end. */
  readonly words: Int32Array
  /** How many bits there are. */
  readonly length: number
  /** Of the marker, or of the end of the bytes. */
  readonly end: number
}

/**
 * Takes out what keeps codes from looking like markers, so that any 32 bits can be looked at with two reads.
 * @param start of the segment
 * @param afterOnes how many bits a byte holds after a byte of ones: none in JPEG (a zero, ISO 10918-1 B.1.1.5), seven
 * in JPEG-LS (ISO 14495-1 9.1)
 */
export function entropyBits(bytes: Uint8Array, start: number, afterOnes: 0 | 7): EntropyBits {
  const end = nextMarker(bytes, start, afterOnes === 0 ? 1 : 128)
  const words = new Int32Array(((end - start) >> 2) + 4)
  let index = 0
  /**
   * Bits that fill no word yet, the lowest ones, and how many: fewer than 32. What stands above them is no longer of
   * use.
   */
  let rest = 0
  let waiting = 0
  let size = 8
  for (let at = start; at < end; ) {
    const byte = bytes[at]!
    // Mostly, no four bytes have one of ones among them.
    if (
      size === 8 &&
      byte !== 255 &&
      at + 4 <= end &&
      bytes[at + 1] !== 255 &&
      bytes[at + 2] !== 255 &&
      bytes[at + 3] !== 255
    ) {
      const word = (byte << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
      words[index++] = waiting === 0 ? word : (rest << (32 - waiting)) | (word >>> waiting)
      rest = word
      at += 4
      continue
    }
    waiting += size
    if (waiting < 32) rest = (rest << size) | byte
    else {
      waiting -= 32
      words[index++] = (rest << (size - waiting)) | (byte >> waiting)
      rest = byte
    }
    size = byte === 255 && size > 0 ? afterOnes : 8
    at++
  }
  if (waiting > 0) words[index] = rest << (32 - waiting)
  return { words, length: index * 32 + waiting, end }
}

/**
 * Where the first marker from start on begins, whose second byte is so large; the end of the bytes when there is none.
 */
function nextMarker(bytes: Uint8Array, start: number, least: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1))
    if (bytes[at + 1]! >= least) return at
  return bytes.length
}

/**
 * Where the byte ends that holds the last of so many bits.
 * @returns left: how many bits of that byte come after
 */
export function endOfBits(
  bytes: Uint8Array,
  start: number,
  bits: number,
  afterOnes: 0 | 7,
): { readonly end: number; readonly left: number } {
  let [end, size, missing] = [start, 8, bits]
  while (missing > 0) {
    missing -= size
    size = bytes[end] === 255 && size > 0 ? afterOnes : 8
    end++
  }
  return { end, left: -missing }
}
