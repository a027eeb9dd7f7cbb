/**
 * Overlay planes (60xx): graphics of one bit that lie over the image (PS3.3 C.9.2), of their own or in the high bits of
 * the pixels (retired).
 */

export interface OverlayPlane {
  readonly Rows: number
  readonly Columns: number
  /** Of the overlay's first pixel in the image, counted from 1; may lie outside. */
  readonly origin: { readonly row: number; readonly column: number }
  /** First bit of this frame's plane in data, least significant bit first. */
  readonly firstBit: number
  readonly data: Uint8Array
}

/**
 * Sets every pixel that the plane covers to value, 1 or 3 samples per pixel. Bits outside the image or beyond the data
 * are not drawn.
 */
export function burnOverlay(
  pixels: Uint8Array,
  Rows: number,
  Columns: number,
  samples: 1 | 3,
  plane: OverlayPlane,
  value: number,
): void {
  // A plane may say that it is far larger than the image: only where both are is looked at.
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

/** The plane that one bit of every sample makes. @param words one per pixel */
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
