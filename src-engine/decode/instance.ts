/** One instance opened for its frames: parsed once, each frame's bytes read when asked for. */
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
   * The bytes of one frame as they are in the file. @param frame from 1 @error frame-out-of-range, pixel-data-too-short
   */
  frameBytes(frame: number, allocate?: Allocate): { bytes: Uint8Array; firstBit: number }
  /**
   * @param frame from 1 @param allocate where the samples may lie; absent: in memory of their own, or in that of the
   * source
   */
  decode(frame: number, allocate?: Allocate): Promise<DecodedFrame>
  /** The frame at 1/2^levels of its size where its codec has such; else null. @param frame from 1 */
  decodeReduced(frame: number, levels: number): Promise<DecodedFrame | null>
  /** Bytes held in memory. */
  readonly heldBytes: number
  /** Of the file when it was opened: another stamp is another file. */
  readonly stamp: string
}

/**
 * Files above this are read in parts when their pixels are not compressed: as much of the head as these, and each frame
 * when it is asked for.
 */
const WHOLE_FILE_BYTES = 64 * 1024
const HEAD_BYTES = [16 * 1024, 512 * 1024]
const MAX_FILE_BYTES = 2 ** 31 - 1

/** @error file-unreadable, file-empty, and those of parseDicom */
export function openInstance(source: InstanceSource): OpenInstance {
  if ('bytes' in source) return fromBytes(source.bytes, '')
  return withFile(source.path, (fd, size, stamp) => {
    for (const length of size > WHOLE_FILE_BYTES ? HEAD_BYTES : []) {
      // Half of a file is as quickly read as all of it.
      const head = length * 2 > size ? null : inHead(readRange(fd, 0, length, freshMemory))
      if (head)
        return make(
          head.file,
          (start, bytes, allocate) => readAgain(source.path, stamp, start, Math.min(bytes, size - start), allocate),
          Math.min(head.declaredLength, size - head.element.valueStart),
          length,
          stamp,
        )
    }
    if (size > MAX_FILE_BYTES) throw new OutpostError('decode-out-of-memory', { bytes: size })
    return fromBytes(readRange(fd, 0, size, freshMemory), stamp)
  })
}

function fromBytes(bytes: Uint8Array, stamp: string): OpenInstance {
  const file = parseDicom(bytes, { inflate: inflateBounded, salvage: true })
  const total = pixelDataElement(file.dataset)?.element.valueLength ?? 0
  return make(
    file,
    (start, length) => file.dataset.bytes.subarray(start, start + length),
    total,
    file.dataset.bytes.length,
    stamp,
  )
}

/**
 * The head's parse when it reaches into uncompressed pixel data, with the length that the element's header declares.
 */
function inHead(bytes: Uint8Array): { file: DicomFile; element: DicomElement; declaredLength: number } | null {
  try {
    const file = parseDicom(bytes)
    const element = pixelDataElement(file.dataset)?.element
    if (!element || element.fragments || !file.truncated || file.dataset.bytes !== bytes) return null
    // Fragments are read with the whole file, also where their length is declared.
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
    // Longer headers, deflated files and broken ones are judged on the whole file.
    return null
  }
}

function withFile<T>(path: string, use: (fd: number, size: number, stamp: string) => T): T {
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

/** Marks a file as it is now. */
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
  return withFile(path, (fd, _size, now) => {
    if (now !== stamp) throw new OutpostError('file-changed')
    return readRange(fd, start, Math.max(0, length), allocate)
  })
}

/** Fewer bytes where the file ends before. */
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

function make(
  file: DicomFile,
  read: (start: number, length: number, allocate: Allocate) => Uint8Array,
  totalBytes: number,
  heldBytes: number,
  stamp: string,
): OpenInstance {
  const found = pixelDataElement(file.dataset)
  let description: PixelDescription | undefined
  let frames: Fragment[][] | undefined
  const pixels = (): PixelDescription => {
    // What is cut off before its pixels is not without them.
    if (!found) throw new OutpostError(file.truncated ? 'truncated' : 'no-pixel-data')
    if (!description) {
      const read = readPixelDescription(file.dataset, found.sampleKind)
      checkDescription(read)
      description = read
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
  const frameBytes = (frame: number, allocate = freshMemory): { bytes: Uint8Array; firstBit: number } => {
    const image = pixels()
    if (!Number.isInteger(frame) || frame < 1 || frame > image.NumberOfFrames)
      throw new OutpostError('frame-out-of-range', { frame, NumberOfFrames: image.NumberOfFrames })
    const { element } = found!
    if (element.fragments)
      return {
        bytes: concatenated(fragmentsOf(layout(element), frame).map((fragment) => fragmentBytes(fragment))),
        firstBit: 0,
      }
    const bits = uncompressedFrameBits(image, totalBytes)
    const from = (frame - 1) * bits
    const firstByte = Math.floor(from / 8)
    const end = Math.ceil((from + bits) / 8)
    if (end > totalBytes) throw new OutpostError('pixel-data-too-short', { bytes: totalBytes, needed: end })
    // Two bytes share each big endian word of OW (PS3.5 7.3).
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
  const decode = async (frame: number, allocate = freshMemory): Promise<DecodedFrame> => {
    const { TransferSyntaxUID } = file
    if (transferSyntax(TransferSyntaxUID).pixels === 'video' && found)
      throw new OutpostError('video', { TransferSyntaxUID })
    const { bytes, firstBit } = frameBytes(frame, allocate)
    // What is not in fragments is not compressed, whatever the transfer syntax says.
    if (!found!.element.fragments)
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
    transferSyntax(file.TransferSyntaxUID).pixels === 'jpeg-2000' && found?.element.fragments
      ? decodeFragmentReduced(frameBytes(frame).bytes, pixels(), levels)
      : null
  return { file, pixels, frameBytes, decode, decodeReduced, heldBytes, stamp }
}

function fragmentsOf(frames: Fragment[][], frame: number): Fragment[] {
  const found = frames[frame - 1]
  if (!found) throw new OutpostError('pixel-data-too-short', { frame, found: frames.length })
  return found
}
