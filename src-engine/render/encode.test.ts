import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Raster } from '../../src-core/dicom/pixels/raster-type.ts'
import { encodeRaster } from './encode.ts'
import { encodePng } from './png.ts'

/** A slope with noise, black at its left side: flat blocks, smooth ones and rough ones. */
function picture(width: number, height: number, channels: 1 | 3 = 1, noise = 40): Raster {
  let seed = 7
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    const x = Math.floor(i / channels) % width
    return x < width / 3 ? 0 : Math.min(255, Math.floor((x / width) * 200 + (seed / 2_147_483_648) * noise))
  })
  return { width, height, channels, data }
}

async function decoded(file: Uint8Array, channels: 1 | 3): Promise<Uint8Array> {
  // Warnings about the file are errors here, because a tolerant decoder would hide them.
  const image = sharp(file, { failOn: 'warning' })
  return new Uint8Array(await (channels === 1 ? image.toColourspace('b-w') : image).raw().toBuffer())
}

function meanSquareError(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0) / a.length
}

describe('PNG', () => {
  it.each<[number, number, 1 | 3]>([
    [1, 1, 1],
    [7, 5, 1],
    [64, 64, 1],
    [1, 1, 3],
    [9, 4, 3],
  ])('W2: %i × %i with %i channels comes back as it was', async (width, height, channels) => {
    const given = picture(width, height, channels)
    const file = encodePng(given)
    expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width, height, channels })
    expect(await decoded(file, channels)).toEqual(given.data)
  })
})

describe('grey JPEG', () => {
  it.each([
    [256, 256],
    [1, 1],
    [17, 30],
    [255, 3],
  ])(
    'W2: %i × %i has one channel and is near to the picture, the nearer the higher the quality',
    async (width, height) => {
      const given = picture(width, height)
      const errors: number[] = []
      for (const quality of [20, 50, 80, 100]) {
        const { bytes } = await encodeRaster(given, { width, height }, { format: 'jpeg', quality })
        expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width, height, channels: 1 })
        errors.push(meanSquareError(given.data, await decoded(bytes, 1)))
      }
      expect(errors).toEqual(errors.toSorted((a, b) => b - a))
      expect(errors.at(-1)).toBeLessThan(1)
    },
  )
})

describe('pictures of a raster', () => {
  it('W2: are scaled to the size asked for, whole factors or not, grey and in colour, small and large', async () => {
    for (const channels of [1, 3] as const)
      for (const format of ['png', 'jpeg'] as const)
        for (const [width, height] of [
          [200, 100],
          [100, 50],
          [77, 39],
          [400, 390],
          [300, 150],
        ] as const) {
          const { bytes } = await encodeRaster(picture(200, 100, channels), { width, height }, { format })
          expect(await sharp(bytes).metadata(), `${channels} ${format}`).toMatchObject({
            format,
            width,
            height,
            channels,
          })
        }
  })
  it('a quality out of range is refused', async () => {
    for (const quality of [0, 101, Number.NaN])
      await expect(encodeRaster(picture(8, 8), { width: 8, height: 8 }, { format: 'jpeg', quality })).rejects.toThrow(
        'bad-request',
      )
  })
})
