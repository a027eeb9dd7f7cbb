/**
 * RLE Lossless (PS3.5 Annex G): a header of 16 numbers, then one PackBits segment per byte of a sample, most
 * significant byte first.
 */

const HEADER = 64
/** What the header has room for (PS3.5 G.5). */
export const MOST_SEGMENTS = 15
/** Longest run and longest stretch of different bytes that one control byte can name. */
const LONGEST = 128

/**
 * One frame, coded row by row, since no run may cross the end of a row (PS3.5 G.3.1).
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
  // At worst a control byte for every 128.
  const out = new Uint8Array(HEADER + segments * (rows * (columns + Math.ceil(columns / LONGEST)) + 1))
  const header = new DataView(out.buffer)
  header.setUint32(0, segments, true)
  let at = HEADER
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

/** Every stride-th byte from first on, count of them, as runs and stretches. @returns where the next row goes */
function packRow(bytes: Uint8Array, first: number, stride: number, count: number, out: Uint8Array, to: number): number {
  let at = to
  let index = 0
  while (index < count) {
    const value = bytes[first + index * stride]!
    let run = 1
    while (run < LONGEST && index + run < count && bytes[first + (index + run) * stride] === value) run++
    if (run > 1) {
      out[at++] = 257 - run
      out[at++] = value
      index += run
      continue
    }
    // A stretch ends where three are alike: a run of two inside it costs as much as it saves.
    const control = at++
    let length = 0
    while (length < LONGEST && index < count) {
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
