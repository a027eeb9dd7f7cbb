import { describe, expect, it } from 'vitest'
import { JpegLsBits } from './jpeg-ls-bits.ts'
import { decodeJpegLs } from './jpeg-ls.ts'

const hex = (digits: string): Uint8Array => Uint8Array.from(digits.match(/[0-9a-f]{2}/gi) ?? [], (byte) => Number.parseInt(byte, 16))
const frame = { Rows: 4, Columns: 4, components: 1, precision: 8 }
const HEAD = 'ffd8 fff7000b080004000401011100 ffda0008010100000000'
/** The worked example of ISO 14495-1 H.3. */
const SCAN = 'c000006c80208e01c00000574000006ee6000001bc18000005d800009160'
const IMAGE = [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145]
const stream = (...parts: string[]): Uint8Array => hex(parts.join('').replaceAll(' ', ''))

describe('W3: JPEG-LS', () => {
  it('decodes the worked example of the standard', () => expect([...decodeJpegLs(stream(HEAD, SCAN, 'ffd9'), frame)]).toEqual(IMAGE))
  it('preset parameters of zero mean the usual ones', () => {
    expect([...decodeJpegLs(stream('ffd8 fff8000d0100000000000000000000', HEAD.slice(4), SCAN, 'ffd9'), frame)]).toEqual(IMAGE)
  })
  it('starts anew after a restart marker: two intervals of one line each are twice the same line', () => {
    // The first line of the example by itself: run of two zeros, 90, 74; what follows in its last byte is padding.
    const line = [...decodeJpegLs(stream('ffd8 fff7000b080001000401011100 ffda0008010100000000', SCAN, 'ffd9'), { ...frame, Rows: 1 })]
    expect(line).toEqual(IMAGE.slice(0, 4))
    const twice = decodeJpegLs(stream('ffd8 fff7000b080002000401011100 ffdd00040001 ffda0008010100000000 c000006c80208e ffd0 c000006c80208e ffd9'), { ...frame, Rows: 2 })
    expect([...twice]).toEqual([...line, ...line])
  })
  it('what ends early, or has no end, is refused', () => {
    expect(() => decodeJpegLs(stream(HEAD, SCAN.slice(0, 12), 'ffd9'), frame)).toThrow('pixel-data-too-short')
    expect(() => decodeJpegLs(stream('ffd8 fff7000b080004000401011100 ffd9'), frame)).toThrow('pixel-data-too-short')
    // Nothing but zeros: more than any number begins with.
    expect(() => decodeJpegLs(stream(HEAD, '00'.repeat(64), 'ffd9'), frame)).toThrow('decode-failed')
  })
  it.each([
    ['a mapping table', 'ffd8 ffda0008010101000000'], ['a point transform', 'ffd8 ffda0008010100000001'], ['thresholds out of order', 'ffd8 fff8000d0100ff0009000500150040 ffda0008010100000000'],
    ['a length beyond the end', 'ffd8 fff8ffff01'], ['a table of another kind', 'ffd8 fff8000302'],
  ])('%s is refused', (_name, digits) => expect(() => decodeJpegLs(stream(digits, '0000'), frame)).toThrow('decode-failed'))
})

describe('the bits of a scan', () => {
  it('after a byte of ones, the next holds seven bits', () => {
    const bits = new JpegLsBits(hex('ff7fa0'), 0)
    // 11111111 · 1111111 · 1010 0000
    expect([bits.read(8), bits.read(7), bits.read(4)]).toEqual([0xff, 0x7f, 0b1010])
  })
  it('a marker ends them', () => {
    const bits = new JpegLsBits(hex('a5ffd9'), 0)
    expect([bits.read(8), bits.read(8)]).toEqual([0xa5, 0xff])
    expect(() => bits.read(1)).toThrow('pixel-data-too-short')
    expect(bits.nextMarker()).toBe(1)
  })
  it('zeros are counted across more than a word', () => {
    // 40 zeros, a one, then 101.
    const bits = new JpegLsBits(hex('0000000000d0'), 0)
    expect(bits.golomb(3, 64, 8)).toBe((40 << 3) | 0b101)
  })
  it('as many zeros as announce it give a plain number, less one', () => {
    // Three zeros, a one, then 0000 0101.
    expect(new JpegLsBits(hex('1050'), 0).golomb(2, 3, 8)).toBe(6)
  })
})
