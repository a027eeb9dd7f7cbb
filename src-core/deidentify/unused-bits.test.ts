import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clearUnusedBits, type CellBits } from './unused-bits.ts'

const CELLS: readonly CellBits[] = [8, 16, 32].flatMap((BitsAllocated) =>
  ([0, 1] as const).map((PixelRepresentation) => ({
    BitsAllocated,
    BitsStored: BitsAllocated - 4,
    HighBit: BitsAllocated - 5,
    PixelRepresentation,
  })),
)

describe('D6: bits that hold no pixel', () => {
  it('D6: text in unused bits goes wherever the pixels begin in memory, in the first cell and in the last', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CELLS),
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(8),
        fc.boolean(),
        (cell, offset, cells, marked, clean) => {
          const size = cell.BitsAllocated / 8
          const pixels = new Uint8Array(new ArrayBuffer(offset + cells * size), offset)
          // One bit above the sign bit is set in one cell. It is not a copy of the sign, in unsigned and in signed
          // cells.
          if (!clean) pixels[(marked % cells) * size + size - 1] = 0x40
          const cleared = clearUnusedBits(pixels, cell)
          expect([...cleared]).toEqual(Array.from({ length: cells * size }, () => 0))
          // When there was nothing to clear, the same array is returned, not a copy.
          expect(cleared === pixels).toBe(clean)
        },
      ),
      { seed: 9, numRuns: 500 },
    )
  })
})
