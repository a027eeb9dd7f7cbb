/**
 * Reads lookup tables of DICOM: a descriptor (entries, first value mapped, bits per entry) and data (PS3.3 C.11.1.1,
 * C.7.6.3.1.5).
 */
import { OutpostError } from '../../contract/errors.ts'

export interface LookupTable {
  /**
   * The input value of the first entry. Lower values get the first entry too, values above the last entry get the last
   * one.
   */
  readonly firstValueMapped: number
  /** The number of bits of an entry, 8 to 16. */
  readonly bits: number
  readonly entries: Uint16Array
}

/** The first two numbers of a descriptor with their intended signs, whatever the VR is. */
export function lutInput(
  [count = 0, first = 0]: readonly number[],
  signedInput: boolean,
): Pick<LookupTable, 'firstValueMapped'> & { readonly length: number } {
  return {
    length: (count & 0xffff) === 0 ? 65_536 : count & 0xffff,
    firstValueMapped: signedInput ? (first << 16) >> 16 : first & 0xffff,
  }
}

/**
 * Whether a table counts as absent. Some writers leave items with empty elements, or with zeros, where a table could
 * be.
 * @param bytes length of the table's data
 */
export function isEmptyTable(descriptor: readonly number[], bytes: number): boolean {
  return bytes === 0 || descriptor.length === 0 || (bytes < 65_536 && descriptor.every((value) => value === 0))
}

/**
 * @param descriptor three numbers, read as unsigned or signed; 0 entries means 65,536
 * @param data the bytes of the value: 16-bit words, or single bytes where a writer packed 8-bit entries
 * @param signedInput whether firstValueMapped is signed (PixelRepresentation 1)
 * @error bad-lut
 */
export function readLookupTable(
  descriptor: readonly number[],
  data: Uint8Array,
  littleEndian: boolean,
  signedInput: boolean,
): LookupTable {
  if (descriptor.length < 3) throw new OutpostError('bad-lut')
  const { length, firstValueMapped } = lutInput(descriptor, signedInput)
  const bits = descriptor[2]!
  const entries = new Uint16Array(length)
  if (data.length >= length * 2) {
    const view = new DataView(data.buffer, data.byteOffset, length * 2)
    for (let i = 0; i < length; i++) entries[i] = view.getUint16(i * 2, littleEndian)
  } else if (data.length >= length) {
    entries.set(data.subarray(0, length))
  } else {
    throw new OutpostError('bad-lut', { entries: length, bytes: data.length })
  }
  return { firstValueMapped, bits: neededBits(bits, entries), entries }
}

/**
 * The number of bits that the entries need. Some writers state 8 although entries are larger, or 16 although none is
 * above 255.
 */
function neededBits(bits: number, entries: Uint16Array): number {
  let highest = 0
  for (const entry of entries) if (entry > highest) highest = entry
  const bitsOfHighest = Math.max(8, 32 - Math.clz32(highest))
  return bits < bitsOfHighest ? bitsOfHighest : Math.min(16, bits)
}

/** The entry for a value. */
export function lookUp(table: LookupTable, value: number): number {
  const index = Math.round(value) - table.firstValueMapped
  const last = table.entries.length - 1
  return table.entries[index < 0 ? 0 : index > last ? last : index]!
}

/**
 * Expands segmented palette data to plain entries (PS3.3 C.7.9.2). The segments have the opcodes 0 (discrete), 1
 * (linear) and 2 (indirect).
 * @param words the 16-bit words of the value (or its bytes, for 8-bit tables)
 * @param length the number of entries that the descriptor announces
 * @error bad-lut
 */
export function expandSegments(words: Uint16Array, length: number): Uint16Array {
  const out = new Uint16Array(length)
  let filled = 0
  const append = (value: number): void => {
    if (filled >= length) throw new OutpostError('bad-lut', { reason: 'segments' })
    out[filled++] = value
  }
  /** @returns the position of the next segment */
  const expand = (at: number, nested: boolean): number => {
    const opcode = words[at]
    const count = words[at + 1]
    if (opcode === undefined || count === undefined) throw new OutpostError('bad-lut', { reason: 'segments' })
    if (opcode === 0) {
      if (at + 2 + count > words.length) throw new OutpostError('bad-lut', { reason: 'segments' })
      for (let i = 0; i < count; i++) append(words[at + 2 + i]!)
      return at + 2 + count
    }
    if (opcode === 1) {
      const target = words[at + 2]
      if (target === undefined || filled === 0) throw new OutpostError('bad-lut', { reason: 'segments' })
      const from = out[filled - 1]!
      for (let i = 1; i <= count; i++) append(Math.round(from + ((target - from) * i) / count))
      return at + 3
    }
    if (opcode === 2 && !nested) {
      const low = words[at + 2]
      const high = words[at + 3]
      if (low === undefined || high === undefined) throw new OutpostError('bad-lut', { reason: 'segments' })
      // The offset counts bytes from the start of the data, and this function counts words.
      let from = (low + high * 65_536) / 2
      for (let i = 0; i < count; i++) from = expand(from, true)
      return at + 4
    }
    throw new OutpostError('bad-lut', { reason: 'segments' })
  }
  for (let at = 0; at < words.length && filled < length; ) at = expand(at, false)
  if (filled < length) throw new OutpostError('bad-lut', { entries: length, filled })
  return out
}
