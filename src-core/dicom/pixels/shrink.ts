/** Pictures made smaller by whole factors: each pixel the mean of a square, which costs little and leaves a fine resampling little to do. */
import type { Raster } from './raster.ts'

/**
 * The picture at 1/factor, at least as large as target; the same one when it is less than twice as large.
 * Rows and columns beyond the last whole square are left out, so what remains is to be stretched by less than one square.
 */
export function shrinkTowards(raster: Raster, target: { readonly width: number; readonly height: number }): Raster {
  const factor = Math.floor(Math.min(raster.width / target.width, raster.height / target.height))
  if (factor < 2) return raster
  const { channels, data } = raster
  const width = Math.floor(raster.width / factor)
  const height = Math.floor(raster.height / factor)
  const row = width * channels
  const out = new Uint8Array(row * height)
  const sums = new Uint32Array(row)
  const count = factor * factor
  const half = count >> 1
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    for (let inner = 0; inner < factor; inner++) {
      let from = (y * factor + inner) * raster.width * channels
      for (let x = 0; x < row; x += channels) {
        for (let k = 0; k < factor; k++) for (let channel = 0; channel < channels; channel++) sums[x + channel]! += data[from++]!
      }
    }
    for (let x = 0; x < row; x++) out[y * row + x] = Math.floor((sums[x]! + half) / count)
  }
  return { width, height, channels, data: out }
}
