/** Reads the attributes that the index keeps of a file, from the file's header alone. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { DicomFile } from '../../src-core/dicom/dataset.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { frameCount } from '../../src-core/dicom/pixels/frame-count.ts'
import { pixelProblem } from '../../src-core/dicom/plausible-pixels.ts'
import { headValues, scanHead, wantedTags, type HeadValues } from '../../src-core/dicom/scan-head.ts'
import { SharedValues } from '../../src-core/dicom/shared-values.ts'
import { decodeBytes } from '../../src-core/dicom/text.ts'
import { MEDIA_DIRECTORY } from '../../src-core/dicom/uids.ts'
import { text } from '../../src-core/dicom/values.ts'
import { withoutEnd } from '../../src-core/dicom/values.ts'
import type { Fetched } from './read-ahead.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'

const KEYWORDS = [
  'SpecificCharacterSet',
  'ImageType',
  'SOPClassUID',
  'SOPInstanceUID',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'Modality',
  'ConversionType',
  'StudyDescription',
  'SeriesDescription',
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'PatientSex',
  'BodyPartExamined',
  'StudyInstanceUID',
  'SeriesInstanceUID',
  'SeriesNumber',
  'InstanceNumber',
  'ImageOrientationPatient',
  'SamplesPerPixel',
  'PhotometricInterpretation',
  'NumberOfFrames',
  'Rows',
  'Columns',
  'BitsAllocated',
  'BurnedInAnnotation',
] as const
export type HeadKeyword = (typeof KEYWORDS)[number]
const WANTED = wantedTags(KEYWORDS.map((keyword) => TAG[keyword]))
/** Attributes that differ between the instances of one series. */
const OWN: ReadonlySet<HeadKeyword> = new Set(['SOPInstanceUID', 'InstanceNumber'])
export const PLACE = Object.fromEntries(KEYWORDS.map((keyword, index) => [keyword, index])) as Readonly<
  Record<HeadKeyword, number>
>

const LEAST_READ = 4096
const MAX_READ = 64 * 1024
/** Milliseconds. A read from the cache of the system takes a tenth of this. */
const SLOW_MS = 0.03
/**
 * Numbers of bytes that are read for a header, one after the other; a header longer than the last one is not credible.
 */
const STEPS = [MAX_READ, 1024 * 1024, 16 * 1024 * 1024, 256 * 1024 * 1024]

export interface FileFacts {
  readonly size: number
  readonly mtimeMs: number
  /** Last change of content, name or attributes (ctime). */
  readonly changedMs: number
}
export type HeadResult = { readonly facts: FileFacts; readonly code: ErrorCode | null }

const UNREADABLE: HeadResult = { facts: { size: 0, mtimeMs: 0, changedMs: 0 }, code: 'file-unreadable' }

export class HeadReader {
  /** Number of first reads, and how many of them waited for the disk. */
  reads = 0
  slowReads = 0
  /** Values of the last file, valid until the next file is read. */
  readonly values: HeadValues = headValues(WANTED.count)
  private buffer: Buffer = Buffer.allocUnsafe(MAX_READ)
  private readonly small = this.buffer
  /** Length of the last file's header: the next files are probably similar. */
  private firstRead = LEAST_READ
  private file: DicomFile | null = null
  private readonly shared = new SharedValues(
    KEYWORDS.filter((keyword) => !OWN.has(keyword)).map((keyword) => PLACE[keyword]),
  )

  /** Whether the last file states the same shared attributes as the file before the previous call. */
  repeatsShared(): boolean {
    return this.shared.repeats(this.values)
  }

  /**
   * Reads one file. Its values are then in this reader; code is null for an instance of a study.
   * @param fetched the file, when it is open already
   * @returns code missing-uid for a readable object that belongs to no study, media-directory for a DICOMDIR
   */
  read(path: string, fetched?: Fetched): HeadResult {
    if (fetched) return this.readOpen(fetched.descriptor, fetched)
    let descriptor: number
    try {
      descriptor = openSync(path, constants.O_RDONLY)
    } catch {
      return UNREADABLE
    }
    try {
      return this.readOpen(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  private readOpen(descriptor: number, fetched?: Fetched): HeadResult {
    this.file = null
    try {
      // The state is read before the bytes, so that a file which is rewritten meanwhile is found changed at the next
      // scan.
      const stat = fetched?.stat ?? fstatSync(descriptor)
      const facts = { size: stat.size, mtimeMs: stat.mtimeMs, changedMs: Math.max(stat.mtimeMs, stat.ctimeMs) }
      return { facts, code: stat.isFile() ? this.identify(descriptor, stat.size, fetched) : 'file-unreadable' }
    } catch {
      return UNREADABLE
    }
  }

  private identify(descriptor: number, size: number, fetched?: Fetched): ErrorCode | null {
    try {
      return this.scan(descriptor, size, fetched)
    } catch (error) {
      return error instanceof OutpostError ? error.code : 'file-unreadable'
    }
  }

  private scan(descriptor: number, size: number, fetched?: Fetched): ErrorCode | null {
    let length = fetched ? this.takeFetched(fetched) : this.readFirst(descriptor)
    if (length === 0) return 'file-empty'
    let step = 0
    let outcome = scanHead(this.buffer, length, length >= size, WANTED, this.values, false)
    if (outcome === 'seen' && !this.fills(size))
      outcome = scanHead(this.buffer, length, length >= size, WANTED, this.values, true)
    this.firstRead = outcome === 'more' ? Math.min(MAX_READ, this.firstRead * 2) : this.firstRead
    while (outcome === 'more' && step < STEPS.length) {
      length = this.grow(descriptor, STEPS[step++]!)
      outcome = scanHead(this.buffer, length, length >= size, WANTED, this.values, true)
    }
    if (outcome === 'unusual') return this.readFully(descriptor, size, step)
    return outcome === 'more' ? 'bad-length' : this.verdict(size, length)
  }

  private takeFetched({ bytes, length }: Fetched): number {
    this.buffer = bytes
    return length
  }

  private readFirst(descriptor: number): number {
    this.buffer = this.small
    const started = performance.now()
    const length = readSync(descriptor, this.buffer, 0, this.firstRead, 0)
    this.reads++
    if (performance.now() - started > SLOW_MS) this.slowReads++
    return length
  }

  /** Whether the file is long enough for the pixels that its header describes; then the pixels need not be read. */
  private fills(size: number): boolean {
    const bits =
      (this.unsigned('Rows') ?? 0) *
      (this.unsigned('Columns') ?? 0) *
      (this.unsigned('SamplesPerPixel') ?? 1) *
      this.frames() *
      (this.unsigned('BitsAllocated') ?? 8)
    return bits > 0 && size >= bits / 8 + this.values.starts[PLACE.Columns]!
  }

  private grow(descriptor: number, length: number): number {
    this.buffer = length <= MAX_READ ? this.small : Buffer.allocUnsafe(length)
    return readSync(descriptor, this.buffer, 0, length, 0)
  }

  /** Reads an unusual file with the full parser, with as many bytes as it needs. */
  private readFully(descriptor: number, size: number, firstStep: number): ErrorCode | null {
    for (let step = firstStep; step < STEPS.length; step++) {
      const length = this.grow(descriptor, Math.min(size, STEPS[step]!))
      const whole = length >= size
      try {
        this.take(
          parseDicom(this.buffer.subarray(0, length), {
            stopAtPixelData: true,
            salvage: whole,
            inflate: inflateBounded,
          }),
        )
        return this.verdict(size, length)
      } catch (error) {
        if (
          whole ||
          !(error instanceof OutpostError) ||
          !['truncated', 'bad-length', 'deflate-broken', 'not-dicom'].includes(error.code)
        )
          throw error
        // A part of a deflated stream cannot be inflated, so the whole file is read at once and not step by step.
        if (error.code === 'deflate-broken') step = STEPS.length - 2
      }
    }
    return 'bad-length'
  }

  private take(file: DicomFile): void {
    const { values } = this
    this.file = file
    values.bytes = file.dataset.bytes
    values.littleEndian = file.dataset.littleEndian
    values.TransferSyntaxUID = file.TransferSyntaxUID
    values.pixelStart = -1
    WANTED.tags.forEach((tag, place) => {
      const element = file.dataset.elements.get(tag)
      values.starts[place] = element && !element.items ? element.valueStart : -1
      values.lengths[place] = element?.valueLength ?? 0
    })
    if (file.partial && file.pixelData) {
      values.pixelStart = file.pixelData.valueStart
      values.pixelLength = file.pixelData.length
    }
  }

  private verdict(size: number, length: number): ErrorCode | null {
    const { file } = this
    if (this.textLength('SOPClassUID') === MEDIA_DIRECTORY.length && this.ascii('SOPClassUID') === MEDIA_DIRECTORY)
      return 'media-directory'
    if (
      file &&
      (file.dataset.elements.has(TAG.DirectoryRecordSequence) ||
        (file.meta && text(file.meta, TAG.MediaStorageSOPClassUID) === MEDIA_DIRECTORY))
    )
      return 'media-directory'
    if (
      this.textLength('StudyInstanceUID') === 0 ||
      this.textLength('SeriesInstanceUID') === 0 ||
      this.textLength('SOPInstanceUID') === 0
    ) {
      // The file is cut off before its identifiers, or the object has none.
      return file?.truncated ? 'truncated' : 'missing-uid'
    }
    return this.pixels(size, length)
  }

  private pixels(size: number, length: number): ErrorCode | null {
    const { values } = this
    if (values.pixelStart < 0) return null
    const deflated = this.file !== null && values.bytes.buffer !== this.buffer.buffer
    return pixelProblem({
      Rows: this.unsigned('Rows') ?? 1,
      Columns: this.unsigned('Columns') ?? 1,
      SamplesPerPixel: this.unsigned('SamplesPerPixel') ?? 1,
      BitsAllocated: this.unsigned('BitsAllocated') ?? 8,
      NumberOfFrames: this.frames(),
      PhotometricInterpretation: this.ascii('PhotometricInterpretation'),
      TransferSyntaxUID: values.TransferSyntaxUID,
      declaredLength: values.pixelLength,
      presentLength: deflated ? values.bytes.length - values.pixelStart : size - values.pixelStart,
      head: values.bytes.subarray(
        values.pixelStart,
        Math.min(deflated ? values.bytes.length : length, values.pixelStart + 65_536),
      ),
    })
  }

  /** Length of a value in bytes, without its padding; 0 when it is missing. */
  private textLength(keyword: HeadKeyword): number {
    const place = PLACE[keyword]
    const start = this.values.starts[place]!
    if (start < 0) return 0
    const { bytes } = this.values
    let end = start + this.values.lengths[place]!
    while (end > start && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end--
    return end - start
  }

  /**
   * The raw bytes of a value as Latin-1, for text of the default repertoire and for use as a key. Padding is removed;
   * empty when the value is missing.
   */
  ascii(keyword: HeadKeyword): string {
    const length = this.textLength(keyword)
    if (length === 0) return ''
    const start = this.values.starts[PLACE[keyword]]!
    const { bytes } = this.values
    return Buffer.isBuffer(bytes)
      ? bytes.toString('latin1', start, start + length)
      : Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')
  }

  /** A value as text in the file's character set. */
  text(keyword: HeadKeyword): string {
    const raw = this.ascii(keyword)
    if (/^[\x20-\x7e]*$/.test(raw)) return keyword === 'PatientName' ? withoutEnd(raw, '=') : raw
    const sets = this.ascii('SpecificCharacterSet')
    const decoded = withoutEnd(
      decodeBytes(
        Buffer.from(raw, 'latin1'),
        sets === '' ? [] : sets.split('\\').map((term) => term.trim()),
        keyword === 'PatientName',
      ),
      '\0 ',
    )
    return keyword === 'PatientName' ? withoutEnd(decoded, '=') : decoded
  }

  /** The first value of an integer string, or null. */
  integer(keyword: HeadKeyword): number | null {
    const raw = this.ascii(keyword)
    if (raw === '') return null
    const value = Number.parseInt(raw, 10)
    return Number.isSafeInteger(value) ? value : null
  }

  /** The number of frames that the header states. @see frameCount */
  frames(): number {
    return frameCount(Number(this.ascii('NumberOfFrames').split('\\')[0]))
  }

  /** A 16-bit unsigned value, or null. */
  unsigned(keyword: HeadKeyword): number | null {
    const place = PLACE[keyword]
    const start = this.values.starts[place]!
    if (start < 0 || this.values.lengths[place]! < 2) return null
    const { bytes, littleEndian } = this.values
    return littleEndian ? bytes[start]! | (bytes[start + 1]! << 8) : (bytes[start]! << 8) | bytes[start + 1]!
  }
}
