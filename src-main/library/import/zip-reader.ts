/**
 * Reads a ZIP that nobody vouches for: its directory is looked through whole before a byte is unpacked (PKWARE APPNOTE
 * 6.3).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { OutpostError } from '../../../src-core/contract/errors.ts'

export interface ZipContent {
  /** As stored; to be shown, never to be used as a path. */
  readonly name: string
  readonly size: number
  /**
   * The content, in pieces; ends with an error unless size and CRC-32 are as the directory says. @error archive-damaged
   */
  read(): AsyncGenerator<Uint8Array, void, void>
}

export interface ZipLimits {
  readonly entries: number
  readonly totalBytes: number
  readonly ratio: number /** Below this total the ratio says nothing. */
  readonly ratioFrom: number
}

/** Uncompressed images of black shrink a hundredfold; a whole disc of them does not. */
export const ZIP_LIMITS: ZipLimits = {
  entries: 250_000,
  totalBytes: 256 * 2 ** 30,
  ratio: 120,
  ratioFrom: 64 * 2 ** 20,
}

const END = 0x06054b50
const END64 = 0x06064b50
const LOCATOR = 0x07064b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const UINT16 = 0xffff
const UINT32 = 0xffffffff
const DIRECTORY_LIMIT = 512 * 2 ** 20
const PIECE = 256 * 1024
const STORED = 0
const DEFLATED = 8
const ENCRYPTED = 0x2041
const LINK = 0o120000

interface Entry {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly compressed: number
  readonly size: number
  readonly offset: number
}

/**
 * @returns its files, folders left out, and what closes it
 * @error archive-damaged, archive-encrypted, archive-unsafe for names that lead out of a folder and for links,
 * archive-too-large for what would grow beyond the limits
 */
export function openZip(
  path: string,
  limits: ZipLimits = ZIP_LIMITS,
): { readonly files: readonly ZipContent[]; readonly totalBytes: number; close(): void } {
  const descriptor = openSync(path, 'r')
  try {
    const length = fstatSync(descriptor).size
    const entries = readDirectory(descriptor, length, limits)
    const totalBytes = entries.reduce((sum, entry) => sum + entry.size, 0)
    const packed = entries.reduce((sum, entry) => sum + entry.compressed, 0)
    // Entries that share their bytes are how a small archive names petabytes.
    if (packed > length) throw new OutpostError('archive-unsafe', { entries: entries.length })
    if (totalBytes > limits.totalBytes || (totalBytes > limits.ratioFrom && totalBytes / length > limits.ratio))
      throw new OutpostError('archive-too-large', { bytes: totalBytes })
    return {
      totalBytes,
      files: entries.map((entry) => ({
        name: entry.name,
        size: entry.size,
        read: () => content(descriptor, length, entry),
      })),
      close: () => closeSync(descriptor),
    }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function readAt(descriptor: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const count = readSync(descriptor, buffer, done, length - done, position + done)
    if (count === 0) throw new OutpostError('archive-damaged', { at: position })
    done += count
  }
  return buffer
}

/** A 64-bit number that must be one that files can have. */
function wide(buffer: Buffer, at: number): number {
  const value = Number(buffer.readBigUInt64LE(at))
  if (!Number.isSafeInteger(value)) throw new OutpostError('archive-damaged')
  return value
}

function readDirectory(descriptor: number, length: number, limits: ZipLimits): Entry[] {
  if (length < 22) throw new OutpostError('archive-damaged')
  const tailLength = Math.min(length, 22 + UINT16)
  const tail = readAt(descriptor, length - tailLength, tailLength)
  let at = tailLength - 22
  while (at >= 0 && !(tail.readUInt32LE(at) === END && at + 22 + tail.readUInt16LE(at + 20) <= tailLength)) at--
  if (at < 0) throw new OutpostError('archive-damaged')
  let count = tail.readUInt16LE(at + 10)
  let size = tail.readUInt32LE(at + 12)
  let offset = tail.readUInt32LE(at + 16)
  const end = length - tailLength + at
  if ((count === UINT16 || size === UINT32 || offset === UINT32) && end >= 20) {
    const locator = readAt(descriptor, end - 20, 20)
    if (locator.readUInt32LE(0) === LOCATOR) {
      const place = wide(locator, 8)
      if (place + 56 > length) throw new OutpostError('archive-damaged')
      const end64 = readAt(descriptor, place, 56)
      if (end64.readUInt32LE(0) !== END64) throw new OutpostError('archive-damaged')
      count = wide(end64, 32)
      size = wide(end64, 40)
      offset = wide(end64, 48)
    }
  }
  if (count > limits.entries || size > DIRECTORY_LIMIT) throw new OutpostError('archive-too-large', { entries: count })
  if (offset + size > length || count * 46 > size) throw new OutpostError('archive-damaged')
  return readEntries(readAt(descriptor, offset, size), count, length)
}

function readEntries(directory: Buffer, count: number, length: number): Entry[] {
  const entries: Entry[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL) throw new OutpostError('archive-damaged')
    const flags = directory.readUInt16LE(at + 8)
    const nameLength = directory.readUInt16LE(at + 28)
    const extraLength = directory.readUInt16LE(at + 30)
    const next = at + 46 + nameLength + extraLength + directory.readUInt16LE(at + 32)
    if (next > directory.length) throw new OutpostError('archive-damaged')
    const name = directory.toString(flags & 0x0800 ? 'utf8' : 'latin1', at + 46, at + 46 + nameLength)
    const sizes = zip64Sizes(
      directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength),
      directory.readUInt32LE(at + 24),
      directory.readUInt32LE(at + 20),
      directory.readUInt32LE(at + 42),
    )
    if (leadsOut(name) || ((directory.readUInt32LE(at + 38) >>> 16) & 0o170000) === LINK)
      throw new OutpostError('archive-unsafe')
    const method = directory.readUInt16LE(at + 10)
    if (!/[/\\]$/.test(name)) {
      if (flags & ENCRYPTED || method === 99) throw new OutpostError('archive-encrypted')
      if (method !== STORED && method !== DEFLATED) throw new OutpostError('archive-damaged', { method })
      if (sizes.offset + 30 + sizes.compressed > length || (method === STORED && sizes.compressed !== sizes.size))
        throw new OutpostError('archive-damaged')
      entries.push({ name, method, crc: directory.readUInt32LE(at + 16), ...sizes })
    }
    at = next
  }
  return entries
}

/** Sizes of the ZIP64 extra field where the plain ones say that they are there. */
function zip64Sizes(
  extra: Buffer,
  size: number,
  compressed: number,
  offset: number,
): { size: number; compressed: number; offset: number } {
  const found = { size, compressed, offset }
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === 1 && end <= extra.length) {
      let value = at + 4
      for (const field of ['size', 'compressed', 'offset'] as const) {
        if (found[field] !== UINT32) continue
        if (value + 8 > end) throw new OutpostError('archive-damaged')
        found[field] = wide(extra, value)
        value += 8
      }
    }
    at = end
  }
  return found
}

/** Names are only shown, but an archive that tries to leave its folder is not what it says it is. */
function leadsOut(name: string): boolean {
  return name === '' || name.includes('\0') || /^[/\\]|^[a-z]:/i.test(name) || name.split(/[/\\]/).includes('..')
}

async function* content(descriptor: number, length: number, entry: Entry): AsyncGenerator<Uint8Array, void, void> {
  const header = readAt(descriptor, entry.offset, 30)
  if (header.readUInt32LE(0) !== LOCAL) throw new OutpostError('archive-damaged')
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  if (start + entry.compressed > length) throw new OutpostError('archive-damaged')
  let size = 0
  let crc = 0
  for await (const bytes of entry.method === STORED
    ? packed(descriptor, start, entry.compressed)
    : inflated(descriptor, start, entry.compressed)) {
    size += bytes.length
    // More than was promised is a bomb, or damaged: it is not unpacked to the end to find out.
    if (size > entry.size) throw new OutpostError('archive-damaged')
    crc = crc32(bytes, crc)
    yield bytes
  }
  if (size !== entry.size || crc !== entry.crc) throw new OutpostError('archive-damaged')
}

function* packed(descriptor: number, start: number, length: number): Generator<Uint8Array, void, void> {
  for (let done = 0; done < length; done += PIECE)
    yield readAt(descriptor, start + done, Math.min(PIECE, length - done))
}

async function* inflated(descriptor: number, start: number, length: number): AsyncGenerator<Uint8Array, void, void> {
  // The callback takes what the loop below is told as well.
  const stream = pipeline(
    Readable.from(packed(descriptor, start, length)),
    createInflateRaw({ chunkSize: PIECE }),
    () => {},
  )
  try {
    for await (const bytes of stream) yield bytes as Uint8Array
  } catch (error) {
    throw error instanceof OutpostError ? error : new OutpostError('archive-damaged', {}, { cause: error })
  } finally {
    stream.destroy()
  }
}
