/**
 * Makes the records of the ZIP format (PKWARE APPNOTE 6.3) for stored entries, with ZIP64 wherever a field would
 * overflow. Sizes and CRC-32 are known before an entry is written, so there are no data descriptors.
 */

export interface ZipEntry {
  /** A relative path with forward slashes. */
  readonly path: string
  readonly size: number
  readonly crc32: number
}

/** An entry with the position of its local header. */
export interface PlacedEntry extends ZipEntry {
  readonly headerOffset: number
}

const UINT16 = 0xffff
const UINT32 = 0xffffffff
/** Version 4.5 (ZIP64) is needed to extract; made on UNIX (3) by version 4.5. */
const VERSION = 45
const MADE_BY = (3 << 8) | VERSION
/** File names are UTF-8 (bit 11). */
const FLAGS = 0x0800
/** The file attributes -rw-r--r-- of a regular file. */
const ATTRIBUTES = (0o100644 << 16) >>> 0
/** The fixed time 1 January 1980 00:00, so that an archive does not reveal when a file was made. */
const DOS_TIME = 0
const DOS_DATE = (1 << 5) | 1

function zip64Extra(values: readonly number[]): Buffer {
  if (values.length === 0) return Buffer.alloc(0)
  const extra = Buffer.alloc(4 + 8 * values.length)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(8 * values.length, 2)
  values.forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index))
  return extra
}

export function localHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.path, 'utf8')
  const large = entry.size >= UINT32
  const extra = zip64Extra(large ? [entry.size, entry.size] : [])
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(VERSION, 4)
  header.writeUInt16LE(FLAGS, 6)
  header.writeUInt16LE(0, 8)
  header.writeUInt16LE(DOS_TIME, 10)
  header.writeUInt16LE(DOS_DATE, 12)
  header.writeUInt32LE(entry.crc32, 14)
  header.writeUInt32LE(large ? UINT32 : entry.size, 18)
  header.writeUInt32LE(large ? UINT32 : entry.size, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(extra.length, 28)
  return Buffer.concat([header, name, extra])
}

export function centralHeader(entry: PlacedEntry): Buffer {
  const name = Buffer.from(entry.path, 'utf8')
  const largeSize = entry.size >= UINT32
  const largeOffset = entry.headerOffset >= UINT32
  const extra = zip64Extra([
    ...(largeSize ? [entry.size, entry.size] : []),
    ...(largeOffset ? [entry.headerOffset] : []),
  ])
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(MADE_BY, 4)
  header.writeUInt16LE(VERSION, 6)
  header.writeUInt16LE(FLAGS, 8)
  header.writeUInt16LE(0, 10)
  header.writeUInt16LE(DOS_TIME, 12)
  header.writeUInt16LE(DOS_DATE, 14)
  header.writeUInt32LE(entry.crc32, 16)
  header.writeUInt32LE(largeSize ? UINT32 : entry.size, 20)
  header.writeUInt32LE(largeSize ? UINT32 : entry.size, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt16LE(extra.length, 30)
  header.writeUInt32LE(ATTRIBUTES, 38)
  header.writeUInt32LE(largeOffset ? UINT32 : entry.headerOffset, 42)
  return Buffer.concat([header, name, extra])
}

/** The end of central directory record. Its ZIP64 form precedes it when counts, size or offset need it. */
export function endOfDirectory(entries: number, directorySize: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(entries, UINT16), 8)
  end.writeUInt16LE(Math.min(entries, UINT16), 10)
  end.writeUInt32LE(Math.min(directorySize, UINT32), 12)
  end.writeUInt32LE(Math.min(directoryOffset, UINT32), 16)
  if (entries < UINT16 && directorySize < UINT32 && directoryOffset < UINT32) return end
  const end64 = Buffer.alloc(56)
  end64.writeUInt32LE(0x06064b50, 0)
  end64.writeBigUInt64LE(44n, 4)
  end64.writeUInt16LE(MADE_BY, 12)
  end64.writeUInt16LE(VERSION, 14)
  end64.writeBigUInt64LE(BigInt(entries), 24)
  end64.writeBigUInt64LE(BigInt(entries), 32)
  end64.writeBigUInt64LE(BigInt(directorySize), 40)
  end64.writeBigUInt64LE(BigInt(directoryOffset), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(BigInt(directoryOffset + directorySize), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([end64, locator, end])
}
