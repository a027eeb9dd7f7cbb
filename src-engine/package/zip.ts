/**
 * Stored ZIPs in constant memory: written entry by entry with known offsets, and composed anew from entries of another.
 */
import { crc32 } from 'node:zlib'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { type PlacedEntry, type ZipEntry, centralHeader, endOfDirectory, localHeader } from './zip-records.ts'

export type { ZipEntry } from './zip-records.ts'

export interface ZipWriter {
  /**
   * Writes one entry and tells where its first byte lies. @error file-changed when the bytes are not of the size and
   * CRC-32 named
   */
  add(entry: ZipEntry, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<{ offset: number }>
  /** Writes the central directory; tells the size of the whole. */
  end(): Promise<{ size: number }>
}

/** The largest directory piece handed on at once. */
const PIECE = 1 << 20

function* directory(entries: Iterable<PlacedEntry>, offset: number): Generator<Uint8Array> {
  let pieces: Buffer[] = []
  let pending = 0
  let size = 0
  let count = 0
  for (const entry of entries) {
    const header = centralHeader(entry)
    pieces.push(header)
    pending += header.length
    size += header.length
    count += 1
    if (pending >= PIECE) {
      yield Buffer.concat(pieces)
      pieces = []
      pending = 0
    }
  }
  yield Buffer.concat([...pieces, endOfDirectory(count, size, offset)])
}

/** Names must stay within the folder that they are unpacked to. */
function checkPath(path: string): void {
  if (
    path === '' ||
    path.startsWith('/') ||
    path.includes('\\') ||
    path.includes('\0') ||
    path.split('/').some((name) => name === '' || name === '.' || name === '..') ||
    Buffer.byteLength(path) > 0xffff
  ) {
    throw new RangeError('not a path for a ZIP entry')
  }
}

/** Writes through `write`, whose buffers may be used again once it has settled. */
export function createZipWriter(write: (bytes: Uint8Array) => void | Promise<void>): ZipWriter {
  const placed: PlacedEntry[] = []
  const paths = new Set<string>()
  let position = 0

  async function put(bytes: Uint8Array): Promise<void> {
    position += bytes.length
    await write(bytes)
  }

  return {
    async add(entry, content) {
      checkPath(entry.path)
      if (paths.has(entry.path)) throw new RangeError('two ZIP entries of one path')
      paths.add(entry.path)
      placed.push({ path: entry.path, size: entry.size, crc32: entry.crc32, headerOffset: position })
      await put(localHeader(entry))
      const offset = position
      let crc = 0
      for await (const bytes of content) {
        crc = crc32(bytes, crc)
        await put(bytes)
      }
      // The header is written already: what follows must be what it says, or the archive is worthless.
      if (position - offset !== entry.size || crc !== entry.crc32) throw new OutpostError('file-changed')
      return { offset }
    },
    async end() {
      for (const bytes of directory(placed, position)) await write(bytes)
      return { size: zipSize(placed) }
    },
  }
}

/** Size of the ZIP that holds these entries, known before a byte of it is made. */
export function zipSize(entries: Iterable<ZipEntry>): number {
  let position = 0
  let count = 0
  let directorySize = 0
  for (const entry of entries) {
    directorySize += centralHeader({ ...entry, headerOffset: position }).length
    position += localHeader(entry).length + entry.size
    count += 1
  }
  return position + directorySize + endOfDirectory(count, directorySize, position).length
}

/**
 * A ZIP of its own over any entries, for example those of a package that a grant allows.
 * @param read the bytes of one entry
 * @returns its exact size, for Content-Length, and its bytes; the stream fails with package-damaged rather than giving
 * an entry whose size or CRC-32 is wrong
 */
export function composeZip<E extends ZipEntry>(
  entries: readonly E[],
  read: (entry: E) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): { size: number; stream: AsyncGenerator<Uint8Array, void, void> } {
  for (const entry of entries) checkPath(entry.path)
  if (new Set(entries.map((entry) => entry.path)).size !== entries.length)
    throw new RangeError('two ZIP entries of one path')
  async function* stream(): AsyncGenerator<Uint8Array, void, void> {
    const placed: PlacedEntry[] = []
    let position = 0
    for (const entry of entries) {
      const header = localHeader(entry)
      placed.push({ path: entry.path, size: entry.size, crc32: entry.crc32, headerOffset: position })
      yield header
      let size = 0
      let crc = 0
      for await (const bytes of read(entry)) {
        crc = crc32(bytes, crc)
        size += bytes.length
        yield bytes
      }
      if (size !== entry.size || crc !== entry.crc32) throw new OutpostError('package-damaged', { at: 'entry' })
      position += header.length + size
    }
    yield* directory(placed, position)
  }
  return { size: zipSize(entries), stream: stream() }
}
