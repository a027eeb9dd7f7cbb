/**
 * Whether pixel data can be what the header says of it: told by lengths and first bytes alone, before anything is
 * allocated or decoded.
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
  /** As declared; 0xFFFFFFFF for undefined length. */
  readonly declaredLength: number
  /** Bytes of the value that the file really has. */
  readonly presentLength: number
  /** The first bytes of the value, as many as are at hand. */
  readonly head: Uint8Array
}

/**
 * @returns why the pixels cannot be shown, or null when nothing speaks against it. A file that is cut off inside native
 * pixel data
 *   passes: its header is whole, and the picture says what is missing.
 */
export function pixelProblem(pixels: PixelDescription): ErrorCode | null {
  if (pixels.Rows === 0 || pixels.Columns === 0) return 'bad-dimensions'
  if (pixels.declaredLength === 0xffffffff || startsWithItem(pixels.head)) return startProblem(pixels)
  // An empty value says that the pixels were taken out: a header to be listed.
  if (pixels.declaredLength === 0 || transferSyntax(pixels.TransferSyntaxUID).pixels !== 'native') return null
  // 4:2:2 keeps two chroma samples for two pixels (PS3.3 C.7.6.3.1.2).
  const samples =
    pixels.PhotometricInterpretation === 'YBR_FULL_422' || pixels.PhotometricInterpretation === 'YBR_PARTIAL_422'
      ? 2
      : pixels.SamplesPerPixel
  const needed = Math.floor(
    (pixels.Rows * pixels.Columns * samples * frameCount(pixels.NumberOfFrames) * pixels.BitsAllocated + 7) / 8,
  )
  if (pixels.declaredLength < needed) return 'pixel-data-too-short'
  return pixels.declaredLength > pixels.presentLength && pixels.declaredLength > needed * 2 + 65_536
    ? 'bad-length'
    : null
}

/** Fragments have an item in front, also where the length of them all is declared. */
export function startsWithItem(head: Uint8Array): boolean {
  return head[0] === 0xfe && head[1] === 0xff && head[2] === 0x00 && head[3] === 0xe0
}

/** First bytes of the first fragment against what the codec begins with. */
function startProblem(pixels: PixelDescription): ErrorCode | null {
  const fragment = firstFragment(pixels.head)
  if (!fragment || fragment.bytes.length < 4) return null
  const { bytes } = fragment
  const starts = (...expected: number[]): boolean => expected.every((byte, index) => bytes[index] === byte)
  const box = bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0x0c
  switch (transferSyntax(pixels.TransferSyntaxUID).pixels) {
    case 'jpeg':
    case 'jpeg-lossless':
    case 'jpeg-ls':
      return starts(0xff, 0xd8) ? null : 'decode-failed'
    case 'jpeg-2000':
    case 'htj2k':
      return starts(0xff, 0x4f) || box ? null : 'decode-failed'
    case 'jpeg-xl':
      return starts(0xff, 0x0a) || box || starts(0xff, 0xd8) ? null : 'decode-failed'
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

/** The header of an RLE frame: a count of segments and their offsets, inside the fragment (PS3.5 G.5). */
function rleProblem(bytes: Uint8Array, length: number): ErrorCode | null {
  if (bytes.length < 64) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, 64)
  const segments = view.getUint32(0, true)
  if (segments < 1 || segments > 15) return 'decode-failed'
  for (let segment = 0; segment < segments; segment++)
    if (view.getUint32(4 + segment * 4, true) >= length) return 'decode-failed'
  return null
}
