/** Writes ZIP files, correct or not: every field can be given a wrong value (PKWARE APPNOTE 6.3). */
import { crc32, deflateRawSync } from 'node:zlib'

export interface RawEntry {
  readonly name: string
  readonly content: Uint8Array
  readonly stored?: boolean
  /** Bits of the general purpose flag, in addition to UTF-8. */
  readonly flags?: number
  /** Values for the directory instead of the true ones. */
  readonly size?: number
  readonly crc?: number
  /** File mode in the external attributes. */
  readonly mode?: number
  /** Uses the bytes of the previous entry instead of its own. */
  readonly shared?: boolean
}

export function rawZip(entries: readonly RawEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let position = 0
  let last = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name, 'utf8')
    const packed = entry.stored ? Buffer.from(entry.content) : deflateRawSync(entry.content)
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50, 0)
    header.writeUInt16LE(20, 4)
    header.writeUInt16LE(0x0800 | (entry.flags ?? 0), 6)
    header.writeUInt16LE(entry.stored ? 0 : 8, 8)
    header.writeUInt32LE(packed.length, 18)
    header.writeUInt32LE(entry.content.length, 22)
    header.writeUInt16LE(name.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE((3 << 8) | 20, 4)
    central.writeUInt16LE(20, 6)
    central.writeUInt16LE(0x0800 | (entry.flags ?? 0), 8)
    central.writeUInt16LE(entry.stored ? 0 : 8, 10)
    central.writeUInt32LE(entry.crc ?? crc32(entry.content), 16)
    central.writeUInt32LE(packed.length, 20)
    central.writeUInt32LE(entry.size ?? entry.content.length, 24)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38)
    central.writeUInt32LE(entry.shared ? last : position, 42)
    directory.push(central, name)
    if (entry.shared) continue
    last = position
    parts.push(header, name, packed)
    position += header.length + name.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(position, 16)
  return Buffer.concat([...parts, central, end])
}
