/** Unpacks the bits of one entropy-coded segment of JPEG or JPEG-LS, which ends before a marker. */
export interface EntropyBits {
  /** 32 bits in each word, the first bit is the highest. Zeros follow after the end. */
  readonly words: Int32Array
  /** The number of bits. */
  readonly length: number
  /** The position of the marker, or of the end of the bytes. */
  readonly end: number
}

/**
 * Removes the stuffed bits, which keep codes from looking like markers, so that any 32 bits can be read from two words.
 * @param start the position of the segment
 * @param afterOnes how many bits a byte holds after a byte of ones: none in JPEG (a zero, ISO 10918-1 B.1.1.5), seven
 * in JPEG-LS (ISO 14495-1 9.1)
 */
export function entropyBits(bytes: Uint8Array, start: number, afterOnes: 0 | 7): EntropyBits {
  const end = nextMarker(bytes, start, afterOnes === 0 ? 1 : 128)
  const words = new Int32Array(((end - start) >> 2) + 4)
  let index = 0
  /**
   * The bits that do not fill a word yet are the lowest bits of `rest`; `waiting` is their number, fewer than 32.
   * Higher bits of `rest` are not used any more.
   */
  let rest = 0
  let waiting = 0
  let size = 8
  for (let at = start; at < end; ) {
    const byte = bytes[at]!
    // Usually none of four bytes is a byte of ones, so they are copied together.
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
 * The position of the first marker from `start` on whose second byte is at least `least`; the end of the bytes when
 * there is none.
 */
function nextMarker(bytes: Uint8Array, start: number, least: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1))
    if (bytes[at + 1]! >= least) return at
  return bytes.length
}

/**
 * The position after the byte that holds the last of a number of bits.
 * @returns left: how many bits of that byte come after it
 */
export function endOfBits(
  bytes: Uint8Array,
  start: number,
  bits: number,
  afterOnes: 0 | 7,
): { readonly end: number; readonly left: number } {
  let [end, size, bitsLeft] = [start, 8, bits]
  while (bitsLeft > 0) {
    bitsLeft -= size
    size = bytes[end] === 255 && size > 0 ? afterOnes : 8
    end++
  }
  return { end, left: -bitsLeft }
}
