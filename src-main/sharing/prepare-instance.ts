/**
 * Prepares one selected instance for a package: checks that the file is still the selected one, de-identifies it when
 * the terms require it, and computes size, CRC-32 and SHA-256.
 */
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { requirePixelReview, deidentifyInstance, type DeidentifyContext } from '../../src-core/deidentify/deidentify.ts'
import type { Region } from '../../src-core/deidentify/regions.ts'
import type { OptionName } from '../../src-core/deidentify/options.ts'
import type { DicomFile } from '../../src-core/dicom/dataset.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { filePreambleAndMeta } from '../../src-core/dicom/write.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import type { Imaging, InstanceSource } from '../../src-engine/imaging.ts'
import { cleanedPixelsOf, leavesDecoded } from '../imaging/clean-pixels.ts'
import { sameState } from '../imaging/file-state.ts'
import { readAgain } from '../imaging/second-reader.ts'
import type { SignOff } from '../storage/ledger/sign-offs.ts'
import { instanceMemory, PIECE, WHOLE_LIMIT, type InstanceMemory } from './instance-memory.ts'
import { longDeidentified } from './long-deidentified.ts'
import type { SelectedInstance } from '../ports/records.ts'

/** How the instances of an anonymized share are de-identified, and which name and number their patient gets (D7). */
export interface Anonymizing {
  readonly patientName: string
  readonly patientId: string
  readonly mapUid: (uid: string) => string
  readonly shiftDays: number
  readonly options: ReadonlySet<OptionName>
  /** The sign-off of exactly this state of the file (D5); null when there is none. */
  readonly signOff: SignOff | null
  /** Decodes compressed frames, blacks out their regions and compresses them again. */
  readonly paint: Imaging['paintFrame']
}

export interface PreparedInstance {
  readonly size: number
  readonly crc32: number
  readonly sha256: string
  /** Hash of the file as it was read; for an instance that leaves unchanged, the hash of what leaves. */
  readonly sourceSha256: string
  readonly SOPClassUID: string
  readonly SOPInstanceUID: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly TransferSyntaxUID: string
  /** The output header, for the DICOMDIR and the lists. */
  readonly header: DicomFile
  /** What previews are rendered from: the bytes of the file, or of its de-identified copy. */
  readonly source: InstanceSource
  /** The output bytes, which can be read once. @error file-changed */
  content(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** Number of bytes that are read first for the header of a file. */
const HEAD_SIZE = 4 * 2 ** 20
/** Largest buffer of Node in bytes. De-identifying needs the whole file in one buffer. */
const DEIDENTIFY_LIMIT = 2 ** 31 - 1

async function openSelected(instance: SelectedInstance): Promise<FileHandle> {
  let file: FileHandle
  try {
    file = await open(instance.path, 'r')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    throw new OutpostError(
      code === 'ENOENT' || code === 'ENOTDIR' ? 'file-gone' : 'file-unreadable',
      { SOPInstanceUID: instance.SOPInstanceUID },
      { cause },
    )
  }
  try {
    await checkUnchanged(file, instance)
  } catch (error) {
    await file.close()
    throw error
  }
  return file
}

/** @error file-changed when size or modification time differ from those in the index */
async function checkUnchanged(file: FileHandle, instance: SelectedInstance): Promise<void> {
  if (!sameState(await file.stat(), instance))
    throw new OutpostError('file-changed', { SOPInstanceUID: instance.SOPInstanceUID })
}

/** The header of a selected instance. @error as prepareInstance */
export async function readHeaderOf(instance: SelectedInstance): Promise<DicomFile> {
  const file = await openSelected(instance)
  try {
    return (await readHeader(file, instance.size, HEAD_SIZE, Buffer.allocUnsafe)).header
  } finally {
    await file.close()
  }
}

/** Fills the buffer with the file's bytes from the offset. @returns the filled part, shorter at the end of the file */
async function readRange(file: FileHandle, offset: number, buffer: Buffer): Promise<Buffer> {
  const { length } = buffer
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}

/** Yields the file in chunks, each valid until the next is requested. */
async function* pieces(
  file: FileHandle,
  from: number,
  size: number,
  memory: InstanceMemory,
): AsyncGenerator<Uint8Array> {
  for (let offset = from; offset < size; ) {
    const piece = await readRange(file, offset, memory.piece(Math.min(PIECE, size - offset)))
    if (piece.length === 0) throw new OutpostError('file-changed')
    offset += piece.length
    yield piece
  }
}

/** @param wholeLimit files up to this size are read completely @param allocate returns the buffer for reading */
async function readHeader(
  file: FileHandle,
  size: number,
  wholeLimit: number,
  allocate: (size: number) => Buffer,
): Promise<{ header: DicomFile; whole: Buffer | null }> {
  const read = async (length: number): Promise<{ header: DicomFile; bytes: Buffer }> => {
    const bytes = await readRange(file, 0, allocate(length))
    return { header: parseDicom(bytes, { stopAtPixelData: true, inflate: inflateBounded }), bytes }
  }
  if (size <= wholeLimit) {
    const { header, bytes } = await read(size)
    return { header, whole: bytes }
  }
  for (let length = HEAD_SIZE; length < Math.min(size, DEIDENTIFY_LIMIT); length *= 4) {
    try {
      return { header: (await read(length)).header, whole: null }
    } catch {
      // The header is longer than the read part, or the file is deflated. Reading the whole file then reports any
      // error.
    }
  }
  return { header: (await read(Math.min(size, DEIDENTIFY_LIMIT))).header, whole: null }
}

/**
 * The bytes that precede the file's bytes in the output, and the offset from which the file is copied. Media require a
 * Part 10 file with a preamble of zeros or of TIFF (PS3.10 7.1).
 */
function outgoingHead(start: Uint8Array, header: DicomFile): { head: Uint8Array; from: number } {
  if (header.meta) {
    const preamble = Buffer.from(start.subarray(0, 4)).toString('latin1')
    return preamble === 'II*\0' || preamble === 'MM\0*'
      ? { head: new Uint8Array(0), from: 0 }
      : { head: new Uint8Array(128), from: 128 }
  }
  const meta = filePreambleAndMeta({
    MediaStorageSOPClassUID: text(header.dataset, TAG.SOPClassUID),
    MediaStorageSOPInstanceUID: text(header.dataset, TAG.SOPInstanceUID),
    TransferSyntaxUID: header.TransferSyntaxUID,
  })
  return { head: meta, from: header.dataset.elements.values().next().value?.start ?? 0 }
}

async function hashed(
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<{ size: number; crc32: number; sha256: string }> {
  const hash = createHash('sha256')
  let size = 0
  let crc = 0
  for await (const bytes of content) {
    hash.update(bytes)
    crc = crc32(bytes, crc)
    size += bytes.length
  }
  return { size, crc32: crc, sha256: hash.digest('hex') }
}

function identifiers(
  file: DicomFile,
): Pick<
  PreparedInstance,
  'SOPClassUID' | 'SOPInstanceUID' | 'StudyInstanceUID' | 'SeriesInstanceUID' | 'TransferSyntaxUID'
> {
  return {
    SOPClassUID: text(file.dataset, TAG.SOPClassUID),
    SOPInstanceUID: text(file.dataset, TAG.SOPInstanceUID),
    StudyInstanceUID: text(file.dataset, TAG.StudyInstanceUID),
    SeriesInstanceUID: text(file.dataset, TAG.SeriesInstanceUID),
    TransferSyntaxUID: file.TransferSyntaxUID,
  }
}

/**
 * The instance without identifying attributes, with its regions black in every frame.
 * @error what deidentifyInstance and cleanPixels throw, file-changed
 */
async function deidentified(
  bytes: Uint8Array,
  instance: SelectedInstance,
  anonymizing: Anonymizing,
  memory: InstanceMemory,
): Promise<Buffer> {
  const file = parseDicom(bytes, { inflate: inflateBounded })
  const context = contextOf(anonymizing)
  const { regions } = context
  if (!leavesDecoded(file, regions)) return madeAndReadAgain(file, context, memory)
  const cleanedPixels = await cleanedPixelsOf(anonymizing.paint, instance, file.dataset, regions)
  return madeAndReadAgain(file, { ...context, cleanedPixels }, memory)
}

/**
 * @returns the de-identified copy in one buffer, after it was read again @error what deidentifyInstance and readAgain
 * throw
 */
function madeAndReadAgain(file: DicomFile, context: DeidentifyContext, memory: InstanceMemory): Buffer {
  const copy = joined(deidentifyInstance(file, context).chunks, memory)
  try {
    readAgain({ chunks: [copy] }, file, context)
  } catch (error) {
    throw error instanceof OutpostError
      ? new OutpostError(error.code, { ...error.detail, SOPInstanceUID: text(file.dataset, TAG.SOPInstanceUID) })
      : error
  }
  return copy
}

function joined(chunks: readonly Uint8Array[], memory: InstanceMemory): Buffer {
  const whole = memory.outgoing(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** The part of Anonymizing that de-identifying needs. */
function contextOf({ patientName, patientId, mapUid, shiftDays, options, signOff }: Anonymizing): DeidentifyContext & {
  readonly regions: readonly Region[]
} {
  const regions = signOff?.regions ?? []
  return { patientName, patientId, mapUid, shiftDays, options, pixelsReviewed: signOff !== null, regions }
}

/** Prepares a large file in chunks; null when it has to be read completely. */
async function longPrepared(
  file: FileHandle,
  header: DicomFile,
  instance: SelectedInstance,
  anonymizing: Anonymizing,
  memory: InstanceMemory,
): Promise<PreparedInstance | null> {
  const long = longDeidentified(header, instance.size, contextOf(anonymizing), (from, end) =>
    pieces(file, from, end, memory),
  )
  if (!long) return null
  const outgoing = parseDicom(long.head, { stopAtPixelData: true })
  const { sha256: sourceSha256 } = await hashed(pieces(file, 0, instance.size, memory))
  return {
    ...(await hashed(long.content())),
    sourceSha256,
    ...identifiers(outgoing),
    header: outgoing,
    // No region is black, so the file shows the pixels that leave, and they need not be sent to the decoding process.
    source: { path: instance.path },
    content: () => long.content(),
    close: () => file.close(),
  }
}

/**
 * Opens a selected instance; close() must follow.
 * @param anonymizing null: the file leaves unchanged
 * @param memory holds the prepared instance, which is valid until the memory is used for the next one
 * @error file-gone, file-unreadable, file-changed; reading errors; with anonymizing the refusals of D5 and D6, and what
 * paint throws
 */
export async function prepareInstance(
  instance: SelectedInstance,
  anonymizing: Anonymizing | null,
  memory = instanceMemory(),
): Promise<PreparedInstance> {
  const file = await openSelected(instance)
  try {
    const { header, whole } = await readHeader(file, instance.size, WHOLE_LIMIT, memory.source)
    await checkUnchanged(file, instance)
    if (text(header.dataset, TAG.SOPInstanceUID) !== instance.SOPInstanceUID)
      throw new OutpostError('file-changed', { SOPInstanceUID: instance.SOPInstanceUID })
    if (anonymizing) {
      // The gate of D5 and D6 is checked again on the file itself, because the index may be older than the rule.
      requirePixelReview(header, { options: anonymizing.options, pixelsReviewed: anonymizing.signOff !== null })
      const long = whole ? null : await longPrepared(file, header, instance, anonymizing, memory)
      if (long) return long
      if (instance.size > DEIDENTIFY_LIMIT) throw new OutpostError('cannot-deidentify', { bytes: instance.size })
      const bytes = whole ?? (await readRange(file, 0, memory.source(instance.size)))
      const out = await deidentified(bytes, instance, anonymizing, memory)
      const outgoing = parseDicom(out, { stopAtPixelData: true })
      return {
        ...(await hashed([out])),
        sourceSha256: createHash('sha256').update(bytes).digest('hex'),
        ...identifiers(outgoing),
        header: outgoing,
        source: { bytes: out },
        content: () => [out],
        close: () => file.close(),
      }
    }
    const { head, from } = outgoingHead(whole ?? (await readRange(file, 0, Buffer.alloc(132))), header)
    const content = (): Iterable<Uint8Array> | AsyncIterable<Uint8Array> =>
      whole
        ? [head, whole.subarray(from)]
        : (async function* () {
            yield head
            yield* pieces(file, from, instance.size, memory)
          })()
    const outgoing = await hashed(content())
    return {
      ...outgoing,
      sourceSha256: outgoing.sha256,
      ...identifiers(header),
      header,
      source: { path: instance.path },
      content,
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}
