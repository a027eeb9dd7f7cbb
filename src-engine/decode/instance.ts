/**
 * Opens an instance for reading its frames. It is parsed once, and the bytes of a frame are read when they are needed.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { concatenated } from '../../src-core/bytes.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DicomElement, DicomFile } from '../../src-core/dicom/dataset.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { checkDescription, type PixelDescription } from '../../src-core/dicom/pixels/description.ts'
import { fragmentsByFrame, startsCodestream, type Fragment } from '../../src-core/dicom/pixels/frames.ts'
import { uncompressedFrameBits } from '../../src-core/dicom/pixels/frame-bits.ts'
import { freshMemory, type Allocate } from '../../src-core/dicom/pixels/memory.ts'
import { startsWithItem } from '../../src-core/dicom/plausible-pixels.ts'
import { pixelDataElement, readPixelDescription } from '../../src-core/dicom/pixels/read-description.ts'
import { swapBytes } from '../../src-core/dicom/pixels/unpack.ts'
import { elementNumbers } from '../../src-core/dicom/values.ts'
import { transferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import type { DecodedFrame, InstanceSource } from '../imaging.ts'
import { inflateBounded } from '../inflate.ts'
import { decodeFragment, decodeFragmentReduced, decodeUncompressed, hasBigEndianPixels } from './decode-fragment.ts'

export interface OpenInstance {
  readonly file: DicomFile
  /** @error no-pixel-data, truncated, bad-dimensions, unsupported-bits, unsupported-photometric */
  pixels(): PixelDescription
  /**
   * The bytes of one frame as they are in the file.
   * @param frame counted from 1
   * @error frame-out-of-range, pixel-data-too-short
   */
  frameBytes(frame: number, allocate?: Allocate): FrameBytes
  /**
   * Decodes one frame.
   * @param frame counted from 1
   * @param allocate where the samples may be stored; absent: in new memory, or in that of the source
   */
  decode(frame: number, allocate?: Allocate): Promise<DecodedFrame>
  /**
   * Decodes the frame at 1/2^levels of its size; null when its codec cannot.
   * @param frame counted from 1
   */
  decodeReduced(frame: number, levels: number): Promise<DecodedFrame | null>
  /** The number of bytes that the open instance keeps in memory. */
  readonly heldBytes: number
  /** The stamp of the file when it was opened. A file with another stamp has changed. */
  readonly stamp: string
}

/**
 * The size in bytes above which files with uncompressed pixels are read in parts: a head of one of the sizes in
 * HEAD_BYTES, then each frame when it is needed.
 */
const WHOLE_FILE_BYTES = 64 * 1024
const HEAD_BYTES = [16 * 1024, 512 * 1024]
const MAX_FILE_BYTES = 2 ** 31 - 1

/**
 * Opens an instance.
 * @error file-unreadable, file-empty, and those of parseDicom
 */
export function openInstance(source: InstanceSource): OpenInstance {
  if ('bytes' in source) return fromBytes(source.bytes, '')
  return withOpenFile(source.path, (fd, size, stamp) => {
    for (const length of size > WHOLE_FILE_BYTES ? HEAD_BYTES : []) {
      // Reading a half of a file takes as long as reading all of it.
      const head = length * 2 > size ? null : parseHead(readRange(fd, 0, length, freshMemory))
      if (head)
        return makeInstance({
          file: head.file,
          read: (start, bytes, allocate) =>
            readAgain(source.path, stamp, start, Math.min(bytes, size - start), allocate),
          totalBytes: Math.min(head.declaredLength, size - head.element.valueStart),
          heldBytes: length,
          stamp,
        })
    }
    if (size > MAX_FILE_BYTES) throw new OutpostError('decode-out-of-memory', { bytes: size })
    return fromBytes(readRange(fd, 0, size, freshMemory), stamp)
  })
}

function fromBytes(bytes: Uint8Array, stamp: string): OpenInstance {
  const file = parseDicom(bytes, { inflate: inflateBounded, salvage: true })
  return makeInstance({
    file,
    read: (start, length) => file.dataset.bytes.subarray(start, start + length),
    totalBytes: pixelDataElement(file.dataset)?.element.valueLength ?? 0,
    heldBytes: file.dataset.bytes.length,
    stamp,
  })
}

/**
 * The parsed head when it extends into uncompressed pixel data, with the length that the header of the element
 * declares; else null.
 */
function parseHead(bytes: Uint8Array): { file: DicomFile; element: DicomElement; declaredLength: number } | null {
  try {
    const file = parseDicom(bytes)
    const element = pixelDataElement(file.dataset)?.element
    if (!element || element.fragments || !file.truncated || file.dataset.bytes !== bytes) return null
    // A file with fragments is read as a whole, also when their length is declared.
    if (startsWithItem(bytes.subarray(element.valueStart))) return null
    return {
      file,
      element,
      declaredLength: new DataView(bytes.buffer, bytes.byteOffset).getUint32(
        element.valueStart - 4,
        file.dataset.littleEndian,
      ),
    }
  } catch {
    // Files with longer headers, deflated files and damaged files are read as a whole.
    return null
  }
}

function withOpenFile<T>(path: string, use: (fd: number, size: number, stamp: string) => T): T {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    throw new OutpostError((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'file-gone' : 'file-unreadable')
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new OutpostError('file-unreadable')
    return use(fd, stat.size, stampOf(stat))
  } catch (error) {
    if (error instanceof OutpostError) throw error
    throw typeof (error as NodeJS.ErrnoException).syscall === 'string' ? new OutpostError('file-unreadable') : error
  } finally {
    closeSync(fd)
  }
}

/** Identifies the current version of a file. */
export function stampOf({
  ino,
  size,
  mtimeMs,
}: {
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
}): string {
  return `${ino}-${size}-${mtimeMs}`
}

function readAgain(path: string, stamp: string, start: number, length: number, allocate: Allocate): Uint8Array {
  return withOpenFile(path, (fd, _size, currentStamp) => {
    if (currentStamp !== stamp) throw new OutpostError('file-changed')
    return readRange(fd, start, Math.max(0, length), allocate)
  })
}

/** Reads a range of a file; the result is shorter where the file ends. */
function readRange(fd: number, start: number, length: number, allocate: Allocate): Uint8Array {
  const bytes = allocate(length)
  let filled = 0
  while (filled < length) {
    const read = readSync(fd, bytes, filled, length - filled, start + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}

/** An instance whose header is parsed, and the way to read its pixels. */
interface ParsedSource {
  readonly file: DicomFile
  /** Reads bytes of the data set. */
  readonly read: (start: number, length: number, allocate: Allocate) => Uint8Array
  /** The size of uncompressed pixel data in bytes. */
  readonly totalBytes: number
  readonly heldBytes: number
  readonly stamp: string
}

interface FrameBytes {
  readonly bytes: Uint8Array
  /** The first bit of the frame in `bytes`. */
  readonly firstBit: number
}

function makeInstance(source: ParsedSource): OpenInstance {
  const { file, read, heldBytes, stamp } = source
  const pixelElement = pixelDataElement(file.dataset)
  let description: PixelDescription | undefined
  let frames: Fragment[][] | undefined
  const pixels = (): PixelDescription => {
    // A file that is cut off before its pixels may have had some.
    if (!pixelElement) throw new OutpostError(file.truncated ? 'truncated' : 'no-pixel-data')
    if (!description) {
      const unchecked = readPixelDescription(file.dataset, pixelElement.sampleKind)
      checkDescription(unchecked)
      description = unchecked
    }
    return description
  }
  const fragmentBytes = (fragment: Fragment, length = fragment.length): Uint8Array =>
    read(fragment.start, Math.min(length, fragment.length), freshMemory)
  const layout = (element: DicomElement): Fragment[][] => {
    const { elements } = file.dataset
    const extended = elements.get(0x7fe00001)
    frames ??= fragmentsByFrame(
      {
        fragments: element.fragments!,
        NumberOfFrames: pixels().NumberOfFrames,
        offsetTable: element.offsetTable ?? [],
        extendedOffsets: extended ? elementNumbers(file.dataset, { ...extended, vr: 'OV' }) : [],
      },
      (fragment) => startsCodestream(fragmentBytes(fragment, 8)),
    )
    return frames
  }
  const frameBytes = (frame: number, allocate = freshMemory): FrameBytes => {
    const image = pixels()
    if (!Number.isInteger(frame) || frame < 1 || frame > image.NumberOfFrames)
      throw new OutpostError('frame-out-of-range', { frame, NumberOfFrames: image.NumberOfFrames })
    const { element } = pixelElement!
    if (element.fragments)
      return {
        bytes: concatenated(fragmentsOf(layout(element), frame).map((fragment) => fragmentBytes(fragment))),
        firstBit: 0,
      }
    return uncompressedFrameBytes(source, element, image, frame, allocate)
  }
  const decode = async (frame: number, allocate = freshMemory): Promise<DecodedFrame> => {
    const { TransferSyntaxUID } = file
    if (transferSyntax(TransferSyntaxUID).pixels === 'video' && pixelElement)
      throw new OutpostError('video', { TransferSyntaxUID })
    const { bytes, firstBit } = frameBytes(frame, allocate)
    // Pixels that are not in fragments are uncompressed, whatever the transfer syntax says.
    if (!pixelElement!.element.fragments)
      return decodeUncompressed(
        bytes,
        pixels(),
        firstBit,
        !file.dataset.littleEndian || hasBigEndianPixels(TransferSyntaxUID),
        allocate,
      )
    return decodeFragment(TransferSyntaxUID, bytes, pixels(), allocate)
  }
  const decodeReduced = async (frame: number, levels: number): Promise<DecodedFrame | null> =>
    transferSyntax(file.TransferSyntaxUID).pixels === 'jpeg-2000' && pixelElement?.element.fragments
      ? decodeFragmentReduced(frameBytes(frame).bytes, pixels(), levels)
      : null
  return { file, pixels, frameBytes, decode, decodeReduced, heldBytes, stamp }
}

/** @error pixel-data-too-short */
function uncompressedFrameBytes(
  { file, read, totalBytes }: ParsedSource,
  element: DicomElement,
  image: PixelDescription,
  frame: number,
  allocate: Allocate,
): FrameBytes {
  const bits = uncompressedFrameBits(image, totalBytes)
  const from = (frame - 1) * bits
  const firstByte = Math.floor(from / 8)
  const end = Math.ceil((from + bits) / 8)
  if (end > totalBytes) throw new OutpostError('pixel-data-too-short', { bytes: totalBytes, needed: end })
  // Each big endian word of OW holds two bytes (PS3.5 7.3).
  if (image.BitsAllocated <= 8 && element.vr === 'OW' && !file.dataset.littleEndian) {
    const firstWord = firstByte - (firstByte % 2)
    const swapped = swapBytes(
      read(element.valueStart + firstWord, Math.min(totalBytes, end + (end % 2)) - firstWord, allocate),
      2,
    )
    return { bytes: swapped.subarray(firstByte - firstWord, end - firstWord), firstBit: from % 8 }
  }
  return { bytes: read(element.valueStart + firstByte, end - firstByte, allocate), firstBit: from % 8 }
}

/** The fragments of a frame. @error pixel-data-too-short when the frame is missing */
function fragmentsOf(frames: Fragment[][], frame: number): Fragment[] {
  const fragments = frames[frame - 1]
  if (!fragments) throw new OutpostError('pixel-data-too-short', { frame, found: frames.length })
  return fragments
}
