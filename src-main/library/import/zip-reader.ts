/** Reads a ZIP file from outside. Its whole directory is checked before a byte is unpacked (PKWARE APPNOTE 6.3). */
import { crc32 } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { OutpostError } from '../../../src-core/contract/errors.ts'

export interface ZipContent {
  /** The name as stored: for display, never used as a path. */
  readonly name: string
  readonly size: number
  /**
   * The content in chunks. It ends with an error unless size and CRC-32 are those of the directory.
   * @error archive-damaged
   */
  read(): AsyncGenerator<Uint8Array, void, void>
}

export interface ZipLimits {
  readonly entries: number
  readonly totalBytes: number
  readonly ratio: number
  /** Total size in bytes below which the ratio is not checked. */
  readonly ratioFrom: number
}

/** Uncompressed black images shrink a hundredfold; a whole disc of them does not. */
export const ZIP_LIMITS: ZipLimits = {
  entries: 250_000,
  totalBytes: 256 * 2 ** 30,
  ratio: 120,
  ratioFrom: 64 * 2 ** 20,
}

const AES = 99
const LINK = 0o120000
const KIND = 0o170000

export interface ZipArchive {
  /** The entries that are files. */
  readonly files: readonly ZipContent[]
  readonly totalBytes: number
  close(): void
}

/**
 * @error archive-damaged, archive-encrypted; archive-unsafe for names that lead out of a folder and for links;
 * archive-too-large for content beyond the limits
 */
export async function openZip(path: string, limits: ZipLimits = ZIP_LIMITS): Promise<ZipArchive> {
  const archive = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false }).catch(damaged)
  try {
    if (archive.entryCount > limits.entries)
      throw new OutpostError('archive-too-large', { entries: archive.entryCount })
    const entries = await checkedEntries(archive)
    const totalBytes = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0)
    const packed = entries.reduce((sum, { compressedSize }) => sum + compressedSize, 0)
    // Entries that share their bytes let a small archive expand to petabytes.
    if (packed > archive.fileSize) throw new OutpostError('archive-unsafe', { entries: entries.length })
    if (
      totalBytes > limits.totalBytes ||
      (totalBytes > limits.ratioFrom && totalBytes / archive.fileSize > limits.ratio)
    )
      throw new OutpostError('archive-too-large', { bytes: totalBytes })
    return {
      totalBytes,
      files: entries.map((entry) => ({
        name: nameOf(entry),
        size: entry.uncompressedSize,
        read: () => content(archive, entry),
      })),
      close: () => archive.close(),
    }
  } catch (error) {
    archive.close()
    throw error
  }
}

/** Errors of the system keep their code; every other error of the library means a damaged archive. */
function damaged(cause: unknown): never {
  if (cause instanceof OutpostError || (cause as NodeJS.ErrnoException).syscall !== undefined) throw cause
  throw new OutpostError('archive-damaged', {}, { cause })
}

async function checkedEntries(archive: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = []
  try {
    for await (const entry of archive.eachEntry()) {
      const name = nameOf(entry)
      if (leadsOut(name) || ((entry.externalFileAttributes >>> 16) & KIND) === LINK)
        throw new OutpostError('archive-unsafe')
      if (/[/\\]$/.test(name)) continue
      if (entry.isEncrypted() || entry.compressionMethod === AES) throw new OutpostError('archive-encrypted')
      if (!entry.canDecodeFileData()) throw new OutpostError('archive-damaged', { method: entry.compressionMethod })
      if (entry.relativeOffsetOfLocalHeader + entry.compressedSize > archive.fileSize)
        throw new OutpostError('archive-damaged')
      entries.push(entry)
    }
  } catch (error) {
    damaged(error)
  }
  return entries
}

const UTF8 = 0x0800

function nameOf({ fileNameRaw, generalPurposeBitFlag }: Entry): string {
  return fileNameRaw.toString(generalPurposeBitFlag & UTF8 ? 'utf8' : 'latin1')
}

/** Whether a name leads out of the folder. Names are only displayed, but such an archive is not trusted. */
function leadsOut(name: string): boolean {
  return name === '' || name.includes('\0') || /^[/\\]|^[a-z]:/i.test(name) || name.split(/[/\\]/).includes('..')
}

/** The library ends a stream that is longer or shorter than its entry states; the CRC-32 is checked here. */
async function* content(archive: ZipFile, entry: Entry): AsyncGenerator<Uint8Array, void, void> {
  let crc = 0
  try {
    for await (const bytes of await archive.openReadStreamPromise(entry)) {
      crc = crc32(bytes as Uint8Array, crc)
      yield bytes as Uint8Array
    }
  } catch (error) {
    damaged(error)
  }
  if (crc !== entry.crc32) throw new OutpostError('archive-damaged')
}
