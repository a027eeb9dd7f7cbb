/** Rectangles on an image: in whole pixels, always inside the image, never empty. */
import type { PixelRegion } from '../../src-core/contract/deidentification.ts'

export interface ImageSize {
  readonly Columns: number
  readonly Rows: number
}
interface Point {
  readonly x: number
  readonly y: number
}

const clamp = (value: number, least: number, most: number): number =>
  Math.min(Math.max(Math.round(value), least), Math.max(least, most))

/** The rectangle between two corners in any order. It contains every pixel that the pointer touched. */
export function regionBetween(cornerA: Point, cornerB: Point, { Columns, Rows }: ImageSize): PixelRegion {
  const left = clamp(Math.floor(Math.min(cornerA.x, cornerB.x)), 0, Columns - 1)
  const top = clamp(Math.floor(Math.min(cornerA.y, cornerB.y)), 0, Rows - 1)
  const right = clamp(Math.ceil(Math.max(cornerA.x, cornerB.x)), left + 1, Columns)
  const bottom = clamp(Math.ceil(Math.max(cornerA.y, cornerB.y)), top + 1, Rows)
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** Moves a region by a number of pixels, up to the edges. */
export function movedRegion(region: PixelRegion, by: Point, { Columns, Rows }: ImageSize): PixelRegion {
  return {
    ...region,
    x: clamp(region.x + by.x, 0, Columns - region.width),
    y: clamp(region.y + by.y, 0, Rows - region.height),
  }
}

/** Moves the lower right corner of a region by a number of pixels, up to the edges. */
export function sizedRegion(region: PixelRegion, by: Point, { Columns, Rows }: ImageSize): PixelRegion {
  return {
    ...region,
    width: clamp(region.width + by.x, 1, Columns - region.x),
    height: clamp(region.height + by.y, 1, Rows - region.y),
  }
}

/** A region for drawing without a pointer: a fifth of the image, in its middle. */
export function middleRegion({ Columns, Rows }: ImageSize): PixelRegion {
  const [width, height] = [Math.max(1, Math.round(Columns / 5)), Math.max(1, Math.round(Rows / 5))]
  return { x: Math.floor((Columns - width) / 2), y: Math.floor((Rows - height) / 2), width, height }
}
