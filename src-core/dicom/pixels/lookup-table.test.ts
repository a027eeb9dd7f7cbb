import { describe, expect, it } from 'vitest'
import { expandSegments, isEmptyTable, lookUp, readLookupTable } from './lookup-table.ts'

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer)

describe('lookup tables (PS3.3 C.11.1.1, C.7.6.3.1.5)', () => {
  it('reads words, and answers the ends for what lies outside', () => {
    const table = readLookupTable([3, 10, 16], words(100, 200, 40_000), true, false)
    expect([9, 10, 11, 12, 13].map((value) => lookUp(table, value))).toEqual([100, 100, 200, 40_000, 40_000])
    expect(table.bits).toBe(16)
  })
  it('reads big endian words', () => {
    expect(readLookupTable([1, 0, 16], Uint8Array.of(0x12, 0x34), false, false).entries[0]).toBe(0x1234)
  })
  it('an entry count of 0 is 65,536', () => {
    expect(readLookupTable([0, 0, 16], new Uint8Array(131_072), true, false).entries).toHaveLength(65_536)
  })
  it('a first value above 32,767 is negative where the input is signed', () => {
    expect(readLookupTable([1, 64_512, 16], words(1), true, true).firstValueMapped).toBe(-1024)
    expect(readLookupTable([1, 64_512, 16], words(1), true, false).firstValueMapped).toBe(64_512)
  })
  it('W3: the entry count is unsigned, also where a signed VR made it negative', () => {
    // 40,000 as a signed word is 40,000 − 65,536.
    const table = readLookupTable([-25_536, 0, 16], new Uint8Array(80_000), true, false)
    expect(table.entries).toHaveLength(40_000)
  })
  it('W3: the first value is unsigned where the input is, also where a signed VR made it negative', () => {
    expect(readLookupTable([1, -1024, 16], words(1), true, false).firstValueMapped).toBe(64_512)
    expect(readLookupTable([1, -1024, 16], words(1), true, true).firstValueMapped).toBe(-1024)
  })
  it('W3: a table whose descriptor or data say nothing is as if absent', () => {
    for (const [descriptor, bytes] of [
      [[], 2],
      [[0, 0, 0], 0],
      [[0, 0, 0], 2],
      [[256, 0, 16], 0],
    ] as const)
      expect(isEmptyTable(descriptor, bytes), `${descriptor}, ${bytes} bytes`).toBe(true)
    expect(isEmptyTable([256, 0, 16], 2)).toBe(false)
    // The table has 65,536 entries and as many bytes.
    expect(isEmptyTable([0, 0, 0], 65_536)).toBe(false)
  })
  it('takes bytes where a writer packed entries of 8 bits', () => {
    expect([...readLookupTable([4, 0, 8], Uint8Array.of(1, 2, 3, 4), true, false).entries]).toEqual([1, 2, 3, 4])
  })
  it('believes the entries where they need more bits than the descriptor says', () => {
    // 4095 needs 12 bits.
    expect(readLookupTable([2, 0, 8], words(0, 4095), true, false).bits).toBe(12)
  })
  it('W3: a table shorter than it says is refused', () => {
    expect(() => readLookupTable([4, 0, 16], words(1), true, false)).toThrow('bad-lut')
    expect(() => readLookupTable([4, 0], words(1, 2, 3, 4), true, false)).toThrow('bad-lut')
  })
})

describe('segmented tables (PS3.3 C.7.9.2)', () => {
  it('discrete, then linear from the last entry', () => {
    // Opcode 0: two entries 0 and 10. Opcode 1: four steps from 10 to 50.
    expect([...expandSegments(Uint16Array.of(0, 2, 0, 10, 1, 4, 50), 6)]).toEqual([0, 10, 20, 30, 40, 50])
  })
  it('indirect repeats segments from a byte offset', () => {
    // The linear segment begins at word 4, byte 8. It is expanded again, now from 50 to 50.
    expect([...expandSegments(Uint16Array.of(0, 2, 0, 10, 1, 2, 50, 2, 1, 8, 0), 6)]).toEqual([0, 10, 30, 50, 50, 50])
  })
  it('W3: segments that overrun, loop or end early are refused', () => {
    expect(() => expandSegments(Uint16Array.of(0, 9, 1), 9)).toThrow('bad-lut')
    expect(() => expandSegments(Uint16Array.of(0, 1, 1), 5)).toThrow('bad-lut')
    expect(() => expandSegments(Uint16Array.of(1, 4, 50), 4)).toThrow('bad-lut')
    expect(() => expandSegments(Uint16Array.of(0, 1, 1, 2, 1, 6, 0), 9)).toThrow('bad-lut')
  })
})
