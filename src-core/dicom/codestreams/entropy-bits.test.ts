import { describe, expect, it } from 'vitest'
import { entropyBits } from './entropy-bits.ts'

/** The bits as text, their number, and the position where they end. */
function bitsOf(afterOnes: 0 | 7, digits: string, start = 0): [bits: string, length: number, end: number] {
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
  const { words, length, end } = entropyBits(bytes, start, afterOnes)
  return [
    [...words]
      .map((word) => (word >>> 0).toString(2).padStart(32, '0'))
      .join('')
      .slice(0, length),
    length,
    end,
  ]
}

const joined = (bits: string): string => bits.replaceAll(' ', '')

describe('bits of an entropy-coded segment', () => {
  it('JPEG-LS: after a byte of ones, the next holds seven bits', () => {
    expect(bitsOf(7, 'ff7fa0')).toEqual([joined('11111111 1111111 10100000'), 23, 3])
    // The stuffed byte is at the end of a word, where 32 bits are full before its seven bits.
    expect(bitsOf(7, '000000ff05c3')).toEqual(['0'.repeat(24) + joined('11111111 0000101 11000011'), 47, 6])
  })
  it('JPEG: after a byte of ones, a zero holds none', () => {
    expect(bitsOf(0, 'ff00a0')).toEqual([joined('11111111 10100000'), 16, 3])
    expect(bitsOf(0, '0000ff0081ff007e')).toEqual([
      '0'.repeat(16) + joined('11111111 10000001 11111111 01111110'),
      48,
      8,
    ])
  })
  it('a marker ends them, and is none of them', () => {
    expect(bitsOf(7, 'a5ffd9')).toEqual(['10100101', 8, 1])
    expect(bitsOf(7, 'ffd8a5a5ffd0ffff', 2)).toEqual(['1010010110100101', 16, 4])
    expect(bitsOf(0, 'a5ff01')).toEqual(['10100101', 8, 1])
    // A byte of ones at the end is not a marker.
    expect(bitsOf(7, 'ff00ff')).toEqual([joined('11111111 0000000 11111111'), 23, 3])
    expect(bitsOf(0, 'a5ff')).toEqual([joined('10100101 11111111'), 16, 2])
  })
  it('nothing is behind the end but zeros', () => {
    const { words, length } = entropyBits(Uint8Array.of(0xfe, 0xfe, 0xfe, 0xfe, 0xfe), 0, 7)
    expect([length, ...words].slice(0, 4)).toEqual([40, 0xfefefefe | 0, 0xfe000000 | 0, 0])
    expect(words.length).toBeGreaterThan((length >> 5) + 2)
  })
})
