import { describe, expect, it } from 'vitest'
import { shrinkTowards, shrinkWords, wholeFactor } from './shrink.ts'

describe('shrinking by whole factors', () => {
  it('W2: every pixel is the mean of its square, rounded', () => {
    // 4 × 2 to 2 × 1: (0+1+2+4)/4 = 1.75 → 2, (10+20+30+40)/4 = 25.
    const raster = { width: 4, height: 2, channels: 1 as const, data: Uint8Array.of(0, 1, 10, 20, 2, 4, 30, 40) }
    expect(shrinkTowards(raster, { width: 2, height: 1 })).toEqual({
      width: 2,
      height: 1,
      channels: 1,
      data: Uint8Array.of(2, 25),
    })
  })
  it('colours stay apart, and what makes no whole square is left out', () => {
    const raster = {
      width: 3,
      height: 2,
      channels: 3 as const,
      data: Uint8Array.of(10, 0, 0, 30, 0, 4, 9, 9, 9, 10, 8, 0, 30, 0, 4, 9, 9, 9),
    }
    expect([...shrinkTowards(raster, { width: 1, height: 1 }).data]).toEqual([20, 2, 2])
  })
  it('by three as by two', () => {
    // A 3 × 3 square of 1…9 has the mean 5; the other square has 10s only.
    const data = Uint8Array.of(1, 2, 3, 10, 10, 10, 4, 5, 6, 10, 10, 10, 7, 8, 9, 10, 10, 10)
    expect([...shrinkTowards({ width: 6, height: 3, channels: 1, data }, { width: 2, height: 1 }).data]).toEqual([
      5, 10,
    ])
  })
  it('less than twice as large is left to finer means', () => {
    const raster = { width: 3, height: 3, channels: 1 as const, data: new Uint8Array(9) }
    expect(shrinkTowards(raster, { width: 2, height: 2 })).toBe(raster)
  })
  it('W2: words are looked up and shrunk at once, to what shrinking the looked-up picture gives', () => {
    // Twelve bits count; the bits above them are an overlay or garbage.
    const table = Uint8Array.from({ length: 4096 }, (_, word) => (word * 7) >> 4)
    const words = Uint16Array.from({ length: 13 * 9 }, (_, i) => (i * 977) & 0xffff)
    const full = {
      width: 13,
      height: 9,
      channels: 1 as const,
      data: Uint8Array.from(words, (word) => table[word & 4095]!),
    }
    const even = { width: 12, height: 9, channels: 1 as const, data: full.data.subarray(0, 12 * 9) }
    expect(shrinkWords(words.subarray(0, 12 * 9), table, even, 2)).toEqual(shrinkTowards(even, { width: 6, height: 4 }))
    expect(shrinkWords(words.slice(1).subarray(1, 12 * 9 + 1), table, even, 2)).toEqual(
      shrinkTowards({ ...even, data: full.data.subarray(2, 12 * 9 + 2) }, { width: 6, height: 4 }),
    )
    for (const target of [
      { width: 6, height: 4 },
      { width: 4, height: 3 },
      { width: 1, height: 1 },
    ]) {
      const factor = wholeFactor(full, target)
      expect(shrinkWords(words, table, full, factor)).toEqual(shrinkTowards(full, target))
    }
    expect([
      wholeFactor(full, { width: 6, height: 4 }),
      wholeFactor(full, { width: 4, height: 3 }),
      wholeFactor(full, { width: 1, height: 1 }),
      wholeFactor(full, { width: 13, height: 9 }),
      wholeFactor(full, { width: 26, height: 18 }),
    ]).toEqual([2, 3, 9, 1, 1])
  })
})
