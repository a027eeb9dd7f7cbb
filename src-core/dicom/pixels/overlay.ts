/** Overlay planes (60xx): graphics of one bit that lie over the image (PS3.3 C.9.2), of their own or in the high bits of the pixels (retired). */

export interface OverlayPlane {
  readonly Rows: number
  readonly Columns: number
  /** Of the overlay's first pixel in the image, counted from 1; may lie outside. */
  readonly origin: { readonly row: number; readonly column: number }
  /** First bit of this frame's plane in data, least significant bit first. */
  readonly firstBit: number
  readonly data: Uint8Array
}

/** Sets every pixel that the plane covers to value, 1 or 3 samples per pixel. Bits outside the image or beyond the data are not drawn. */
export function burnOverlay(pixels: Uint8Array, Rows: number, Columns: number, samples: 1 | 3, plane: OverlayPlane, value: number): void {
  for (let row = 0; row < plane.Rows; row++) {
    const y = row + plane.origin.row - 1
    if (y < 0 || y >= Rows) continue
    for (let column = 0; column < plane.Columns; column++) {
      const x = column + plane.origin.column - 1
      if (x < 0 || x >= Columns) continue
      const bit = plane.firstBit + row * plane.Columns + column
      if (((plane.data[bit >> 3] ?? 0) >> (bit & 7)) & 1) pixels.fill(value, (y * Columns + x) * samples, (y * Columns + x + 1) * samples)
    }
  }
}

/** The plane that one bit of every sample makes. @param words one per pixel */
export function embeddedPlane(words: Uint8Array | Uint16Array | Uint32Array, position: number, Rows: number, Columns: number): OverlayPlane {
  const data = new Uint8Array(Math.ceil(words.length / 8))
  for (let i = 0; i < words.length; i++) if ((words[i]! >>> position) & 1) data[i >> 3]! |= 1 << (i & 7)
  return { Rows, Columns, origin: { row: 1, column: 1 }, firstBit: 0, data }
}
