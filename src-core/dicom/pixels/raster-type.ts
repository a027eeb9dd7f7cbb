/** A picture as bytes: rows from the top, pixels from the left, channels interleaved. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}
