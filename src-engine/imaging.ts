/**
 * The interface of the pool of decode processes, which workstation and relay use. The pool itself is in
 * decode-process/.
 */
import type { Region } from '../src-core/deidentify/regions.ts'

/** The place of an instance's Part 10 bytes. Only main processes have paths. */
export type InstanceSource = { readonly path: string } | { readonly bytes: Uint8Array }

/**
 * The stored values of one frame for display or hashing: little endian, colour by pixel (R, G, B interleaved). Words
 * are as in the file. To display them, take BitsStored bits below HighBit and extend the sign. A sample of 1 bit is one
 * byte.
 */
export interface DecodedFrame {
  readonly Rows: number
  readonly Columns: number
  readonly SamplesPerPixel: 1 | 3
  /** The number of bits of a sample in `pixels`: 8, 16, 32 or 64. */
  readonly BitsAllocated: 8 | 16 | 32 | 64
  readonly BitsStored: number
  readonly PixelRepresentation: 0 | 1
  /** The interpretation after decoding. YBR of a JPEG codestream has become RGB where the decoder converts it. */
  readonly PhotometricInterpretation: string
  readonly pixels: Uint8Array
}

export interface PaintRequest {
  /** The number of the frame, counted from 1. */
  readonly frame: number
  /** The regions to black out. */
  readonly regions: readonly Region[]
  /** Whether the frame may be compressed without loss. */
  readonly compress: boolean
}

/**
 * A frame with its regions blacked out. It is compressed again, and was checked to be the same when decoded; otherwise
 * it has stored values like a DecodedFrame.
 */
export interface PaintedFrame extends Omit<DecodedFrame, 'pixels'> {
  readonly HighBit: number
  /** The transfer syntax of the codestream in `bytes`; null when they are not compressed. */
  readonly TransferSyntaxUID: string | null
  readonly bytes: Uint8Array
}

export interface RenderRequest {
  /** The number of the frame, counted from 1. */
  readonly frame: number
  /** The longest side in pixels; absent: as stored. */
  readonly size?: number
  /** A box that the picture fits into; `size` has priority over it. */
  readonly viewport?: { readonly width: number; readonly height: number }
  /**
   * A window in modality units, LINEAR unless a function is named; absent: the file's own VOI, else minimum to maximum.
   */
  readonly voi?: {
    readonly center: number
    readonly width: number
    readonly function?: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID'
  }
  readonly format: 'png' | 'jpeg'
  /** 1 to 100, for JPEG only. */
  readonly quality?: number
}

export interface Rendered {
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

/** What `inspect` prints about one file. */
export interface Inspection {
  readonly readable: boolean
  readonly code: string | null
  readonly SOPClassUID: string
  readonly TransferSyntaxUID: string
  readonly Rows: number
  readonly Columns: number
  readonly NumberOfFrames: number
  readonly PhotometricInterpretation: string
  /** The hash of the decoded stored values of all frames; null when pixels were not asked for or there are none. */
  readonly sha256: string | null
}

/**
 * Decodes and renders instances. Every failure is an OutpostError. A decoder that crashes or hangs makes one request
 * fail only.
 */
export interface Imaging {
  /** Starts a decode process in advance, because a picture will soon be needed. */
  prepare(): void
  decodeFrame(source: InstanceSource, frame: number, options?: { signal?: AbortSignal }): Promise<DecodedFrame>
  paintFrame(source: InstanceSource, request: PaintRequest, options?: { signal?: AbortSignal }): Promise<PaintedFrame>
  render(source: InstanceSource, request: RenderRequest, options?: { signal?: AbortSignal }): Promise<Rendered>
  inspect(source: InstanceSource, options: { pixels: boolean }): Promise<Inspection>
  close(): Promise<void>
}
