/**
 * Checks whether pixel data fits its header, by lengths and first bytes only, before anything is allocated or decoded.
 */
import type { ErrorCode } from '../contract/errors.ts'
import { frameCount } from './pixels/frame-count.ts'
import { transferSyntax } from './transfer-syntax.ts'

export interface PixelDescription {
  readonly Rows: number
  readonly Columns: number
  readonly SamplesPerPixel: number
  readonly BitsAllocated: number
  /** As in the file; undefined when it is absent. */
  readonly NumberOfFrames: number | undefined
  readonly PhotometricInterpretation: string
  readonly TransferSyntaxUID: string
  /** The declared length; 0xFFFFFFFF for undefined length. */
  readonly declaredLength: number
  /** The number of bytes of the value that are in the file. */
  readonly presentLength: number
  /** The first bytes of the value, as many as were read. */
  readonly head: Uint8Array
}

/**
 * Why the pixels cannot be shown, as an error code; null when no reason is found. A file that is cut off inside native
 * pixel data has no problem here: its header is complete, and the picture shows what is missing.
 */
export function pixelProblem(pixels: PixelDescription): ErrorCode | null {
  if (pixels.Rows === 0 || pixels.Columns === 0) return 'bad-dimensions'
  if (pixels.declaredLength === 0xffffffff || startsWithItem(pixels.head)) return startProblem(pixels)
  // An empty value means that the pixels were removed; the header can still be listed.
  if (pixels.declaredLength === 0 || transferSyntax(pixels.TransferSyntaxUID).pixels !== 'native') return null
  // 4:2:2 stores two chroma samples for two pixels (PS3.3 C.7.6.3.1.2).
  const samples =
    pixels.PhotometricInterpretation === 'YBR_FULL_422' || pixels.PhotometricInterpretation === 'YBR_PARTIAL_422'
      ? 2
      : pixels.SamplesPerPixel
  const neededBytes = Math.floor(
    (pixels.Rows * pixels.Columns * samples * frameCount(pixels.NumberOfFrames) * pixels.BitsAllocated + 7) / 8,
  )
  if (pixels.declaredLength < neededBytes) return 'pixel-data-too-short'
  return pixels.declaredLength > pixels.presentLength && pixels.declaredLength > neededBytes * 2 + 65_536
    ? 'bad-length'
    : null
}

/** Whether the value starts with an item. Fragments do, even when their total length is declared. */
export function startsWithItem(head: Uint8Array): boolean {
  return head[0] === 0xfe && head[1] === 0xff && head[2] === 0x00 && head[3] === 0xe0
}

/** Compares the first bytes of the first fragment with those of the codec. */
function startProblem(pixels: PixelDescription): ErrorCode | null {
  const fragment = firstFragment(pixels.head)
  if (!fragment || fragment.bytes.length < 4) return null
  const { bytes } = fragment
  const starts = (...expected: number[]): boolean => expected.every((byte, index) => bytes[index] === byte)
  const isBox = bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0x0c
  switch (transferSyntax(pixels.TransferSyntaxUID).pixels) {
    case 'jpeg':
    case 'jpeg-lossless':
    case 'jpeg-ls':
      return starts(0xff, 0xd8) ? null : 'decode-failed'
    case 'jpeg-2000':
    case 'htj2k':
      return starts(0xff, 0x4f) || isBox ? null : 'decode-failed'
    case 'jpeg-xl':
      return starts(0xff, 0x0a) || isBox || starts(0xff, 0xd8) ? null : 'decode-failed'
    case 'rle':
      return rleProblem(bytes, fragment.length)
    default:
      return null
  }
}

function firstFragment(head: Uint8Array): { bytes: Uint8Array; length: number } | null {
  if (head.length < 8) return null
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const at = 8 + view.getUint32(4, true)
  if (at + 8 > head.length || view.getUint32(at, true) !== 0xe000fffe) return null
  return { bytes: head.subarray(at + 8), length: view.getUint32(at + 4, true) }
}

/** Checks the header of an RLE frame: the number of segments, and their offsets inside the fragment (PS3.5 G.5). */
function rleProblem(bytes: Uint8Array, length: number): ErrorCode | null {
  if (bytes.length < 64) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, 64)
  const segments = view.getUint32(0, true)
  if (segments < 1 || segments > 15) return 'decode-failed'
  for (let segment = 0; segment < segments; segment++)
    if (view.getUint32(4 + segment * 4, true) >= length) return 'decode-failed'
  return null
}
