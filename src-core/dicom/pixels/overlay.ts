/**
 * Draws overlay planes (60xx): graphics of one bit over the image (PS3.3 C.9.2), with their own data or in the high
 * bits of the pixels (retired).
 */

export interface OverlayPlane {
  readonly Rows: number
  readonly Columns: number
  /** The position of the overlay's first pixel in the image, counted from 1. It may be outside of the image. */
  readonly origin: { readonly row: number; readonly column: number }
  /** The first bit of this frame's plane in the data; the least significant bit of a byte is the first. */
  readonly firstBit: number
  readonly data: Uint8Array
}

/**
 * Sets every pixel that the plane covers to a value. Bits outside of the image or beyond the data are not drawn.
 * @param samples samples per pixel
 */
export function burnOverlay(
  pixels: Uint8Array,
  Rows: number,
  Columns: number,
  samples: 1 | 3,
  plane: OverlayPlane,
  value: number,
): void {
  // A plane may claim a size far larger than the image, so only the area that both cover is read.
  const [top, left] = [plane.origin.row - 1, plane.origin.column - 1]
  for (let row = Math.max(0, -top); row < Math.min(plane.Rows, Rows - top); row++) {
    const y = row + top
    for (let column = Math.max(0, -left); column < Math.min(plane.Columns, Columns - left); column++) {
      const x = column + left
      const bit = plane.firstBit + row * plane.Columns + column
      if (((plane.data[bit >> 3] ?? 0) >> (bit & 7)) & 1)
        pixels.fill(value, (y * Columns + x) * samples, (y * Columns + x + 1) * samples)
    }
  }
}

/**
 * The plane that one bit of every sample forms.
 * @param words one word for each pixel
 */
export function embeddedPlane(
  words: Uint8Array | Uint16Array | Uint32Array,
  position: number,
  Rows: number,
  Columns: number,
): OverlayPlane {
  const data = new Uint8Array(Math.ceil(words.length / 8))
  for (let i = 0; i < words.length; i++) if ((words[i]! >>> position) & 1) data[i >> 3]! |= 1 << (i & 7)
  return { Rows, Columns, origin: { row: 1, column: 1 }, firstBit: 0, data }
}
