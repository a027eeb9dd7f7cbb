/** What workstation and relay ask of the pool of decode processes. The pool itself is in decode/. */
import type { Region } from '../src-core/deidentify/regions.ts'

/** Where an instance's Part 10 bytes are. Only main processes hold paths. */
export type InstanceSource = { readonly path: string } | { readonly bytes: Uint8Array }

/**
 * Stored values of one frame as they are for display or hashing: little endian, colour by pixel (R, G, B interleaved).
 * Words are as the file holds them: whoever shows them takes BitsStored bits below HighBit and extends the sign;
 * samples of 1 bit are a byte each.
 */
export interface DecodedFrame {
  readonly Rows: number
  readonly Columns: number
  readonly SamplesPerPixel: 1 | 3
  /** Of the samples in pixels: 8, 16 or 32. */
  readonly BitsAllocated: 8 | 16 | 32 | 64
  readonly BitsStored: number
  readonly PixelRepresentation: 0 | 1
  /** After decoding: YBR of a JPEG codestream has become RGB where the decoder does so. */
  readonly PhotometricInterpretation: string
  readonly pixels: Uint8Array
}

export interface PaintRequest {
  /** From 1. */
  readonly frame: number
  /** To be made black. */
  readonly regions: readonly Region[]
  /** Whether the frame may leave compressed, without loss. */
  readonly compress: boolean
}

/**
 * A frame with its regions black: compressed again, and found to be the same when decoded, or its stored values as a
 * DecodedFrame holds them.
 */
export interface PaintedFrame extends Omit<DecodedFrame, 'pixels'> {
  readonly HighBit: number
  /** Of the codestream in bytes; null: they are not compressed. */
  readonly TransferSyntaxUID: string | null
  readonly bytes: Uint8Array
}

export interface RenderRequest {
  /** From 1. */
  readonly frame: number
  /** Longest side in pixels; absent: as stored. */
  readonly size?: number
  /** Box that the picture just fits into; size goes before it. */
  readonly viewport?: { readonly width: number; readonly height: number }
  /** Modality units, LINEAR unless a function is named; absent: the file's own VOI, else minimum to maximum. */
  readonly voi?: {
    readonly center: number
    readonly width: number
    readonly function?: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID'
  }
  readonly format: 'png' | 'jpeg'
  /** 1 to 100, JPEG only. */
  readonly quality?: number
}

export interface Rendered {
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

/** What `inspect` prints of one file. */
export interface Inspection {
  readonly readable: boolean
  readonly code: string | null
  readonly SOPClassUID: string
  readonly TransferSyntaxUID: string
  readonly Rows: number
  readonly Columns: number
  readonly NumberOfFrames: number
  readonly PhotometricInterpretation: string
  /** Of the decoded stored values of all frames; null when pixels were not asked for or there are none. */
  readonly sha256: string | null
}

/** Every failure is an OutpostError; a decoder that dies or hangs takes one request with it. */
export interface Imaging {
  /** Somebody will soon ask for a picture: what makes them is started meanwhile. */
  prepare(): void
  decodeFrame(source: InstanceSource, frame: number, options?: { signal?: AbortSignal }): Promise<DecodedFrame>
  paintFrame(source: InstanceSource, request: PaintRequest, options?: { signal?: AbortSignal }): Promise<PaintedFrame>
  render(source: InstanceSource, request: RenderRequest, options?: { signal?: AbortSignal }): Promise<Rendered>
  inspect(source: InstanceSource, options: { pixels: boolean }): Promise<Inspection>
  close(): Promise<void>
}
