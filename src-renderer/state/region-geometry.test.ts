import { expect, it } from 'vitest'
import { middleRegion, movedRegion, regionBetween, sizedRegion } from './region-geometry.ts'

const size = { Columns: 100, Rows: 50 }

it('D5: a drag gives the rectangle between its ends, in whichever direction, and never outside the image', () => {
  expect(regionBetween({ x: 30.4, y: 20.6 }, { x: 10.2, y: 5.1 }, size)).toEqual({ x: 10, y: 5, width: 21, height: 16 })
  expect(regionBetween({ x: -20, y: -5 }, { x: 130, y: 90 }, size)).toEqual({ x: 0, y: 0, width: 100, height: 50 })
  expect(regionBetween({ x: 5, y: 5 }, { x: 5, y: 5 }, size)).toEqual({ x: 5, y: 5, width: 1, height: 1 })
  expect(regionBetween({ x: 120, y: 70 }, { x: 140, y: 80 }, size)).toEqual({ x: 99, y: 49, width: 1, height: 1 })
})

it('D5: keys move and size a rectangle, and the edges stop it', () => {
  const region = { x: 80, y: 40, width: 15, height: 5 }
  expect(movedRegion(region, { x: 8, y: -8 }, size)).toEqual({ x: 85, y: 32, width: 15, height: 5 })
  expect(movedRegion(region, { x: -200, y: 200 }, size)).toEqual({ x: 0, y: 45, width: 15, height: 5 })
  expect(sizedRegion(region, { x: 3, y: 3 }, size)).toEqual({ x: 80, y: 40, width: 18, height: 8 })
  expect(sizedRegion(region, { x: 300, y: -300 }, size)).toEqual({ x: 80, y: 40, width: 20, height: 1 })
  expect(middleRegion(size)).toEqual({ x: 40, y: 20, width: 20, height: 10 })
})
