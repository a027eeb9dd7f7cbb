/** Reads palette colour tables (PS3.3 C.7.9.1, C.7.6.3.1.5 and C.7.6.3.1.6) as 8-bit RGB. Pure. */

import { lutInput } from '../../src-core/dicom/pixels/lookup-table.ts'

export interface Palette {
  /** Stored value of the first entry; smaller ones take the first entry, larger ones the last. */
  readonly first: number
  /** R, G, B of each entry. */
  readonly colors: Uint8Array
}

/**
 * @param descriptors of red, green and blue: number of entries (0 means 65,536), first stored value, bits per entry
 * @param tables little-endian bytes of red, green and blue
 * @param signed whether stored values are signed
 * @returns null when a table is missing, is too short or has a form that is not supported
 */
export function paletteOf(
  descriptors: readonly (readonly number[])[],
  tables: readonly (Uint8Array | null)[],
  signed = false,
): Palette | null {
  const descriptor = descriptors[0] ?? []
  const bits = descriptor[2]
  if (bits !== 8 && bits !== 16) return null
  const { length: entries, firstValueMapped: first } = lutInput(descriptor, signed)
  const colors = new Uint8Array(entries * 3)
  for (let channel = 0; channel < 3; channel += 1) {
    const table = tables[channel]
    if (!table || table.length < entries) return null
    // Files have tables of 8-bit entries both packed and with one word for each entry.
    const words = table.length >= entries * 2
    if (bits === 16 && !words) return null
    for (let entry = 0; entry < entries; entry += 1)
      colors[entry * 3 + channel] = words ? table[entry * 2 + (bits === 16 ? 1 : 0)]! : table[entry]!
  }
  return { first, colors }
}
