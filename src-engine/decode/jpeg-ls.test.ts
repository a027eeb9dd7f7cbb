import { describe, expect, it } from 'vitest'
import { decodeJpegLs } from './jpeg-ls.ts'

const hex = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/[0-9a-f]{2}/gi) ?? [], (byte) => Number.parseInt(byte, 16))
const frame = { Rows: 4, Columns: 4, components: 1, precision: 8 }
const HEAD = 'ffd8 fff7000b080004000401011100 ffda0008010100000000'
/** The worked example of ISO 14495-1 H.3. */
const SCAN = 'c000006c80208e01c00000574000006ee6000001bc18000005d800009160'
const IMAGE = [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145]
const stream = (...parts: string[]): Uint8Array => hex(parts.join('').replaceAll(' ', ''))

describe('W3: JPEG-LS', () => {
  it('decodes the worked example of the standard', () =>
    expect([...decodeJpegLs(stream(HEAD, SCAN, 'ffd9'), frame)]).toEqual(IMAGE))
  it('preset parameters of zero mean the usual ones', () => {
    expect([
      ...decodeJpegLs(stream('ffd8 fff8000d0100000000000000000000', HEAD.slice(4), SCAN, 'ffd9'), frame),
    ]).toEqual(IMAGE)
  })
  it('starts anew after a restart marker: two intervals of one line each are twice the same line', () => {
    // The first line of the example: a run of two zeros, 90, 74. The rest of its last byte is padding.
    const line = [
      ...decodeJpegLs(stream('ffd8 fff7000b080001000401011100 ffda0008010100000000', SCAN, 'ffd9'), {
        ...frame,
        Rows: 1,
      }),
    ]
    expect(line).toEqual(IMAGE.slice(0, 4))
    const twice = decodeJpegLs(
      stream(
        'ffd8 fff7000b080002000401011100 ffdd00040001 ffda0008010100000000 c000006c80208e ffd0 c000006c80208e ffd9',
      ),
      { ...frame, Rows: 2 },
    )
    expect([...twice]).toEqual([...line, ...line])
  })
  it('what ends early, or has no end, is refused', () => {
    expect(() => decodeJpegLs(stream(HEAD, SCAN.slice(0, 12), 'ffd9'), frame)).toThrow('pixel-data-too-short')
    expect(() => decodeJpegLs(stream('ffd8 fff7000b080004000401011100 ffd9'), frame)).toThrow('pixel-data-too-short')
    // The data has zeros only, more than any number begins with.
    expect(() => decodeJpegLs(stream(HEAD, '00'.repeat(64), 'ffd9'), frame)).toThrow('decode-failed')
  })
  it.each([
    ['a mapping table', 'ffd8 ffda0008010101000000'],
    ['a point transform', 'ffd8 ffda0008010100000001'],
    ['thresholds out of order', 'ffd8 fff8000d0100ff0009000500150040 ffda0008010100000000'],
    ['a length beyond the end', 'ffd8 fff8ffff01'],
    ['a table of another kind', 'ffd8 fff8000302'],
  ])('%s is refused', (_name, digits) =>
    expect(() => decodeJpegLs(stream(digits, '0000'), frame)).toThrow('decode-failed'),
  )
})

describe('codes of a sample (ISO 14495-1 A.5.3)', () => {
  /**
   * One sample of 16 bits: a run of length zero (0), then the number that interrupts it, with k = 10 because 1024 is
   * the expected first error.
   */
  const sample = (...bits: string[]): number => {
    const all = `0${bits.join('')}`
    const bytes = (all.padEnd(Math.ceil(all.length / 8) * 8, '0').match(/.{8}/g) ?? [])
      .map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0'))
      .join('')
    const decoded = decodeJpegLs(stream('ffd8 fff7000b100001000101011100 ffda0008010100000000', bytes, 'ffd9'), {
      Rows: 1,
      Columns: 1,
      components: 1,
      precision: 16,
    })
    return decoded[0]! + 256 * decoded[1]!
  }
  it('zeros are counted across more than a word', () => {
    // 40 zeros, a one, then 5 in ten bits: 40 · 1024 + 5 = 40965 is odd, so the sample is (40965 + 1) / 2 above the
    // expected one.
    expect(sample('0'.repeat(40), '1', '0000000101')).toBe(20_483)
  })
  it('as many zeros as announce it give a plain number, less one', () => {
    // 64 − 16 − 2 = 46 zeros, a one, then 40000 in sixteen bits: 40001 is odd.
    expect(sample('0'.repeat(46), '1', (40_000).toString(2))).toBe(20_001)
  })
  it('more zeros than that are refused, and so is a number that ends before its bits', () => {
    expect(() => sample('0'.repeat(47), '1', '1'.repeat(16))).toThrow('decode-failed')
    expect(() => sample('0'.repeat(40), '1')).toThrow('pixel-data-too-short')
  })
})
