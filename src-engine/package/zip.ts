/**
 * Writes stored ZIP files in constant memory: entry by entry with known offsets, or composed from entries of another
 * ZIP.
 */
import { crc32 } from 'node:zlib'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { type PlacedEntry, type ZipEntry, centralHeader, endOfDirectory, localHeader } from './zip-records.ts'

export type { ZipEntry } from './zip-records.ts'

export interface ZipWriter {
  /**
   * Writes one entry.
   * @returns the position of its first byte
   * @error file-changed when the bytes do not have the stated size and CRC-32
   */
  add(entry: ZipEntry, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<{ offset: number }>
  /**
   * Writes the central directory.
   * @returns the size of the whole ZIP
   */
  end(): Promise<{ size: number }>
}

/** The maximum size of a piece of the directory, in bytes. */
const MAX_PIECE_BYTES = 1 << 20

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
    if (pending >= MAX_PIECE_BYTES) {
      yield Buffer.concat(pieces)
      pieces = []
      pending = 0
    }
  }
  yield Buffer.concat([...pieces, endOfDirectory(count, size, offset)])
}

/** Throws for a path that could leave the folder into which the ZIP is unpacked. */
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

/** Makes a writer that passes its bytes to `write`. Their buffers may be reused after its promise is settled. */
export function createZipWriter(write: (bytes: Uint8Array) => void | Promise<void>): ZipWriter {
  const placed: PlacedEntry[] = []
  const paths = new Set<string>()
  let position = 0

  async function writeBytes(bytes: Uint8Array): Promise<void> {
    position += bytes.length
    await write(bytes)
  }

  return {
    async add(entry, content) {
      checkPath(entry.path)
      if (paths.has(entry.path)) throw new RangeError('two ZIP entries of one path')
      paths.add(entry.path)
      placed.push({ path: entry.path, size: entry.size, crc32: entry.crc32, headerOffset: position })
      await writeBytes(localHeader(entry))
      const offset = position
      let crc = 0
      for await (const bytes of content) {
        crc = crc32(bytes, crc)
        await writeBytes(bytes)
      }
      // The header is written already, so the content must match it.
      if (position - offset !== entry.size || crc !== entry.crc32) throw new OutpostError('file-changed')
      return { offset }
    },
    async end() {
      for (const bytes of directory(placed, position)) await write(bytes)
      return { size: zipSize(placed) }
    },
  }
}

/** The size of the ZIP with these entries, before it is made. */
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
 * Composes a ZIP of any entries, for example those of a package that a grant allows.
 * @param read returns the bytes of one entry
 * @returns its exact size, for Content-Length, and its bytes. The stream fails with package-damaged when the size or
 * CRC-32 of an entry is wrong
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
