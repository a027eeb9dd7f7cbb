/** Converts PALETTE COLOR, where stored values are indices into three tables (PS3.3 C.7.6.3.1.5). */
import { lookUp, type LookupTable } from './lookup-table.ts'
import { sampleArray, storedValue, type SampleBits } from './stored-value.ts'

export interface Palette {
  readonly red: LookupTable
  readonly green: LookupTable
  readonly blue: LookupTable
}

/** Red, green and blue of 8 bits for every pixel. */
export function paletteToRgb(
  pixels: Uint8Array,
  BitsAllocated: 8 | 16,
  bits: SampleBits,
  palette: Palette,
): Uint8Array {
  const words = sampleArray(pixels, BitsAllocated)
  const tables = [palette.red, palette.green, palette.blue].map((table) => {
    const shift = table.bits - 8
    return Uint8Array.from(
      { length: BitsAllocated === 8 ? 256 : 65_536 },
      (_, word) => lookUp(table, storedValue(word, bits)) >> shift,
    )
  })
  const out = new Uint8Array(words.length * 3)
  for (let channel = 0; channel < 3; channel++) {
    const table = tables[channel]!
    for (let i = 0, to = channel; i < words.length; i++, to += 3) out[to] = table[words[i]!]!
  }
  return out
}
