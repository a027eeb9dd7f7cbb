/**
 * Encodes RLE Lossless (PS3.5 Annex G): a header of 16 numbers, then one PackBits segment for each byte of a sample,
 * the most significant byte first.
 */

const HEADER_BYTES = 64
/** The maximum number of segments in the header (PS3.5 G.5). */
export const MAX_SEGMENTS = 15
/** The maximum length of a run, and of a literal run of different bytes, for one control byte. */
const MAX_RUN_LENGTH = 128

/**
 * Encodes one frame row by row, because no run may cross the end of a row (PS3.5 G.3.1).
 * @param pixels stored values, little endian, colour by pixel: rows × columns × samples × bytesPerSample bytes
 * @returns header and segments, each of even length
 */
export function encodeRle(
  pixels: Uint8Array,
  rows: number,
  columns: number,
  samples: number,
  bytesPerSample: number,
): Uint8Array {
  const segments = samples * bytesPerSample
  // The worst case is one control byte for every 128 bytes.
  const out = new Uint8Array(HEADER_BYTES + segments * (rows * (columns + Math.ceil(columns / MAX_RUN_LENGTH)) + 1))
  const header = new DataView(out.buffer)
  header.setUint32(0, segments, true)
  let at = HEADER_BYTES
  for (let segment = 0; segment < segments; segment++) {
    header.setUint32(4 + segment * 4, at, true)
    const sample = Math.floor(segment / bytesPerSample)
    const significance = bytesPerSample - 1 - (segment % bytesPerSample)
    for (let row = 0; row < rows; row++) {
      at = packRow(
        pixels,
        row * columns * segments + sample * bytesPerSample + significance,
        segments,
        columns,
        out,
        at,
      )
    }
    at += at & 1
  }
  return out.slice(0, at)
}

/**
 * Encodes `count` bytes, every stride-th from `first` on, as runs and literal runs.
 * @returns the position for the next row
 */
function packRow(bytes: Uint8Array, first: number, stride: number, count: number, out: Uint8Array, to: number): number {
  let at = to
  let index = 0
  while (index < count) {
    const value = bytes[first + index * stride]!
    let run = 1
    while (run < MAX_RUN_LENGTH && index + run < count && bytes[first + (index + run) * stride] === value) run++
    if (run > 1) {
      out[at++] = 257 - run
      out[at++] = value
      index += run
      continue
    }
    // A literal run ends where three bytes are equal, because a run of two inside it costs as much as it saves.
    const control = at++
    let length = 0
    while (length < MAX_RUN_LENGTH && index < count) {
      const next = first + index * stride
      if (
        length > 0 &&
        index + 2 < count &&
        bytes[next] === bytes[next + stride] &&
        bytes[next] === bytes[next + 2 * stride]
      )
        break
      out[at++] = bytes[next]!
      length++
      index++
    }
    out[control] = length - 1
  }
  return at
}
