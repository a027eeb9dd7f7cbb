import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeJpegLossless } from './jpeg-lossless.ts'
import type { LosslessFrame } from './jpeg-segments.ts'
import { LosslessHuffman } from './lossless-huffman.ts'

interface Coding {
  predictor: number
  shift?: number
  restartRows?: number
  interleaved?: boolean
  sampling?: number
}

/** A code of five bits for each of the seventeen sizes. */
const COUNTS = Uint8Array.of(0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
const bits = (value: number, count: number): string =>
  count === 0 ? '' : (value & (2 ** count - 1)).toString(2).padStart(count, '0')

/** A difference of 16 bits as H.1.2.2 codes it. */
function codeOf(difference: number): string {
  const value = ((difference + 32_767) & 0xffff) - 32_767
  if (value === 32_768) return bits(16, 5)
  const size = 32 - Math.clz32(Math.abs(value))
  return bits(size, 5) + bits(value < 0 ? value - 1 : value, size)
}

/** The bits as bytes, padded with ones, with a zero after each byte of ones. */
function stuffed(text: string): number[] {
  return (text.padEnd(Math.ceil(text.length / 8) * 8, '1').match(/.{8}/g) ?? []).flatMap((byte) =>
    byte === '11111111' ? [255, 0] : [Number.parseInt(byte, 2)],
  )
}

/** A simple encoder that follows Annex H. */
function encode(
  samples: ArrayLike<number>,
  { Rows, Columns, components, precision }: LosslessFrame,
  { predictor, shift = 0, restartRows = 0, interleaved = true, sampling = 0x11 }: Coding,
): Uint8Array {
  const every = [...Array(components).keys()]
  const scans = interleaved ? [every] : every.map((component) => [component])
  const length = (content: number[]): number[] => [(content.length + 2) >> 8, (content.length + 2) & 255, ...content]
  const at = (row: number, column: number, component: number): number =>
    samples[(row * Columns + column) * components + component]! >> shift
  const out = [
    0xff,
    0xd8,
    0xff,
    0xc3,
    ...length([
      precision,
      Rows >> 8,
      Rows & 255,
      Columns >> 8,
      Columns & 255,
      components,
      ...every.flatMap((component) => [component + 1, sampling, 0]),
    ]),
  ]
  out.push(0xff, 0xc4, ...length([0, ...COUNTS, ...Array(17).keys()]))
  if (restartRows > 0) out.push(0xff, 0xdd, ...length([(restartRows * Columns) >> 8, (restartRows * Columns) & 255]))
  for (const scan of scans) {
    out.push(
      0xff,
      0xda,
      ...length([scan.length, ...scan.flatMap((component) => [component + 1, 0]), predictor, 0, shift]),
    )
    let segment = ''
    for (let row = 0; row < Rows; row++) {
      const restarts = restartRows > 0 && row > 0 && row % restartRows === 0
      if (restarts) {
        out.push(...stuffed(segment), 0xff, 0xd0 + ((row / restartRows - 1) & 7))
        segment = ''
      }
      for (let column = 0; column < Columns; column++)
        for (const component of scan) {
          const [a, b, c] = [
            at(row, column - 1, component),
            at(row - 1, column, component),
            at(row - 1, column - 1, component),
          ]
          const byTable = [0, a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1][predictor]!
          const first = row === 0 || restarts
          const predicted = column === 0 ? (first ? 2 ** (precision - shift - 1) : b) : first ? a : byTable
          segment += codeOf(at(row, column, component) - predicted)
        }
    }
    out.push(...stuffed(segment))
  }
  return Uint8Array.of(...out, 0xff, 0xd9)
}

function decoded(bytes: Uint8Array, frame: LosslessFrame): number[] {
  const found = decodeJpegLossless(bytes, frame)!
  return [...(frame.precision > 8 ? new Uint16Array(found.buffer) : found)]
}

describe('W3: lossless JPEG', () => {
  it('predicts as Annex H does: by hand', () => {
    // 2 × 2 pixels of 8 bits. The first is 128 + 2 = 130. The next is the left one and −1: 129. The one below the
    // first is the first and 5: 135. The last by predictor 4: 135 + 129 − 130 + 0 = 134.
    const stream = [
      0xff,
      0xd8,
      0xff,
      0xc3,
      0,
      11,
      8,
      0,
      2,
      0,
      2,
      1,
      1,
      0x11,
      0,
      0xff,
      0xc4,
      0,
      36,
      0,
      ...COUNTS,
      ...Array(17).keys(),
      0xff,
      0xda,
      0,
      8,
      1,
      1,
      0,
      4,
      0,
      0,
    ]
    // The sizes have codes of five bits: 2 → 00010 10, −1 → 00001 0, 5 → 00011 101, 0 → 00000.
    const body = stuffed('0001010 000010 00011101 00000'.replaceAll(' ', ''))
    expect(
      decoded(Uint8Array.of(...stream, ...body, 0xff, 0xd9), { Rows: 2, Columns: 2, components: 1, precision: 8 }),
    ).toEqual([130, 129, 135, 134])
  })

  it('decodes what was encoded: all predictors, 2 to 16 bits, grey and colour, all scans, restarts, transforms', () => {
    const images = fc
      .record({
        Rows: fc.integer({ min: 1, max: 6 }),
        Columns: fc.integer({ min: 1, max: 9 }),
        components: fc.constantFrom(1, 3),
        precision: fc.integer({ min: 2, max: 16 }),
      })
      .chain((frame) =>
        fc.record({
          frame: fc.constant(frame),
          samples: fc.array(fc.integer({ min: 0, max: 2 ** frame.precision - 1 }), {
            minLength: frame.Rows * frame.Columns * frame.components,
            maxLength: frame.Rows * frame.Columns * frame.components,
          }),
          coding: fc.record({
            predictor: fc.integer({ min: 1, max: 7 }),
            shift: fc.integer({ min: 0, max: Math.min(3, frame.precision - 1) }),
            restartRows: fc.integer({ min: 0, max: 3 }),
            interleaved: fc.boolean(),
          }),
        }),
      )
    fc.assert(
      fc.property(images, ({ frame, samples, coding }) => {
        expect(decoded(encode(samples, frame, coding), frame)).toEqual(
          samples.map((sample) => (sample >> coding.shift) << coding.shift),
        )
      }),
      { numRuns: 300 },
    )
  })

  const frame = { Rows: 2, Columns: 2, components: 1, precision: 12 }
  const usual = encode([1, 2000, 3000, 4000], frame, { predictor: 1 })
  it('what is cut anywhere is refused', () => {
    for (let length = 2; length < usual.length - 3; length++)
      expect(() => decodeJpegLossless(usual.subarray(0, length), frame), `${length} bytes`).toThrow(
        /pixel-data-too-short|decode-failed/,
      )
  })
  /** The position of the scan's header, which has eight bytes after its marker. */
  const scan = usual.findIndex((byte, index) => byte === 0xff && usual[index + 1] === 0xda)
  it.each([
    ['a predictor that does not exist', 7, 8],
    ['a table that is not there', 6, 0x30],
    ['a component that is not there', 5, 9],
    ['a shift by all bits', 9, 12],
  ])('%s is refused', (_name, offset, value) => {
    expect(() => decodeJpegLossless(usual.with(scan + offset, value), frame)).toThrow('decode-failed')
  })
  it('a component that comes twice, so that another is missing, is refused', () => {
    const colour = { ...frame, components: 3, precision: 8 }
    const bytes = encode(Array(12).fill(7), colour, { predictor: 1, interleaved: false })
    const scans = [...bytes.keys()].filter((index) => bytes[index] === 0xff && bytes[index + 1] === 0xda)
    expect(decoded(bytes, colour)).toEqual(Array(12).fill(7))
    expect(() => decodeJpegLossless(bytes.with(scans[1]! + 5, 1), colour)).toThrow('decode-failed')
  })
  it('a code that stands for nothing is refused', () => {
    expect(() =>
      decodeJpegLossless(Uint8Array.of(...usual.subarray(0, scan + 10), 0xfe, 0xfe, 0xfe, 0xfe, 0xff, 0xd9), frame),
    ).toThrow('decode-failed')
  })
  it('components of other sizes are left to another decoder', () => {
    expect(decodeJpegLossless(encode([1, 2, 3, 4], frame, { predictor: 1, sampling: 0x22 }), frame)).toBeNull()
  })
})

describe('differences in Huffman code', () => {
  it('of few bits are found with one look, of more with a search', () => {
    const table = new LosslessHuffman(COUNTS, Uint8Array.from(Array(17).keys()))
    for (const difference of [0, 1, -1, 63, -64, 127, -128, 1000, -32_767, 32_768]) {
      const code = codeOf(difference)
      const window = Number.parseInt(code.padEnd(32, '0'), 2) | 0
      const expected = difference * 64 + code.length
      expect(table.long(window), String(difference)).toBe(expected)
      expect(table.short[window >>> 20]).toBe(code.length <= 12 ? expected : 0)
    }
  })
})
