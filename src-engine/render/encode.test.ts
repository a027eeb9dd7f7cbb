import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Raster } from '../../src-core/dicom/pixels/raster.ts'
import { encodeRaster } from './encode.ts'
import { forwardDct, scaleFactors } from './forward-dct.ts'
import { encodeGrayJpeg, grayBlocks } from './gray-jpeg.ts'
import { encodePng } from './png.ts'

/** A slope with noise, black at its left: flat blocks, smooth ones and rough ones. */
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
  // Errors of the file are errors here: a decoder that helps itself would hide them.
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

describe('the cosine transform', () => {
  it('is that of ISO 10918-1 A.3.3 once scaled', () => {
    const samples = picture(8, 8).data
    const found = new Float64Array(64)
    forwardDct(samples, 0, 8, found)
    // Steps of 1: F(u, v) = ¼ C(u) C(v) ΣΣ f(x, y) cos((2x + 1)uπ/16) cos((2y + 1)vπ/16), C(0) = 1/√2, else 1.
    const scales = scaleFactors(new Uint8Array(64).fill(1))
    const weight = (k: number): number => (k === 0 ? Math.SQRT1_2 : 1)
    for (let v = 0; v < 8; v++)
      for (let u = 0; u < 8; u++) {
        let sum = 0
        for (let y = 0; y < 8; y++)
          for (let x = 0; x < 8; x++)
            sum +=
              samples[y * 8 + x]! *
              Math.cos(((2 * x + 1) * u * Math.PI) / 16) *
              Math.cos(((2 * y + 1) * v * Math.PI) / 16)
        expect(found[v * 8 + u]! * scales[v * 8 + u]!).toBeCloseTo((weight(u) * weight(v) * sum) / 4, 8)
      }
    expect(found[0]).toBe(samples.reduce((sum, value) => sum + value, 0))
  })
})

describe('grey JPEG', () => {
  it.each([
    [256, 256],
    [8, 8],
    [1, 1],
    [17, 30],
    [255, 3],
  ])(
    'W2: %i × %i is as near to the picture as the JPEG of another encoder, at every quality',
    async (width, height) => {
      const given = picture(width, height)
      for (const quality of [1, 20, 50, 80, 100]) {
        const theirs = await sharp(given.data, { raw: { width, height, channels: 1 } })
          .toColourspace('b-w')
          .jpeg({ quality, optimiseCoding: false })
          .toBuffer()
        const ours = encodeGrayJpeg(grayBlocks(given), quality)
        expect(await sharp(ours).metadata()).toMatchObject({ format: 'jpeg', width, height, channels: 1 })
        const [error, usual] = await Promise.all(
          [ours, theirs].map(async (file) => meanSquareError(given.data, await decoded(file, 1))),
        )
        expect(error!, `quality ${quality}`).toBeLessThanOrEqual(usual! * 1.05 + 0.5)
        expect(ours.length).toBeLessThan(theirs.length * 1.05 + 400)
      }
    },
  )
  it('blocks are flat where all their samples are the same, those of repeated edges too', () => {
    // 17 × 9: three blocks across, two down. One sample differs, in the second block; the third is one column wide.
    const data = new Uint8Array(17 * 9)
    data[15] = 1
    const { across, down, flat, roughBlocks } = grayBlocks({ width: 17, height: 9, channels: 1, data })
    expect([across, down, [...flat], roughBlocks]).toEqual([24, 16, [1, 0, 1, 1, 1, 1], 1])
  })
  it('the hardest picture at the finest steps fits, with bytes of ones in its codes', async () => {
    // A checkerboard of noise has coefficients everywhere.
    const given = picture(64, 64, 1, 255)
    const file = encodeGrayJpeg(grayBlocks(given), 100)
    expect(meanSquareError(given.data, await decoded(file, 1))).toBeLessThan(1)
    const body = file.subarray(file.length - 3_000, file.length - 2)
    const ones = [...body.keys()].filter((index) => body[index] === 255)
    expect(ones.length).toBeGreaterThan(0)
    for (const index of ones) expect(body[index + 1] ?? 0).toBe(0)
  })
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
