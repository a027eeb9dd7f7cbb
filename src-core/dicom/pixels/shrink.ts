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
  const out = new Uint8Array(width * height * channels)
  if (factor === 2 && channels === 1) halve(data, raster.width, out, width, height)
  else average(raster, factor, out, width, height)
  return { width, height, channels, data: out }
}

/** Most thumbnails of CT and MR: grey, and half as large. */
function halve(data: Uint8Array, stride: number, out: Uint8Array, width: number, height: number): void {
  for (let y = 0, to = 0; y < height; y++) {
    let above = y * 2 * stride
    let below = above + stride
    for (let x = 0; x < width; x++, above += 2, below += 2) out[to++] = (data[above]! + data[above + 1]! + data[below]! + data[below + 1]! + 2) >> 2
  }
}

function average({ channels, data, width: stride }: Raster, factor: number, out: Uint8Array, width: number, height: number): void {
  const row = width * channels
  const sums = new Uint32Array(row)
  const count = factor * factor
  const half = count >> 1
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    for (let inner = 0; inner < factor; inner++) {
      const line = (y * factor + inner) * stride * channels
      for (let channel = 0; channel < channels; channel++) {
        let from = line + channel
        for (let x = channel; x < row; x += channels) {
          let sum = 0
          for (let k = 0; k < factor; k++, from += channels) sum += data[from]!
          sums[x]! += sum
        }
      }
    }
    for (let x = 0; x < row; x++) out[y * row + x] = (sums[x]! + half) / count
  }
}
