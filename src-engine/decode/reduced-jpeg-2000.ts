/**
 * Decodes JPEG 2000 at a half, a quarter or an eighth of its size. The finest wavelets are not decoded, which saves
 * most of the work (ISO 15444-1 B.5).
 */
import { createRequire } from 'node:module'
import { OutpostError } from '../../src-core/contract/errors.ts'

/** The part of @cornerstonejs/codec-openjpeg that is used. */
interface Decoder {
  getEncodedBuffer(size: number): Uint8Array
  getDecodedBuffer(): Uint8Array
  decodeSubResolution(level: number, layer: number): void
  calculateSizeAtDecompositionLevel(level: number): { width: number; height: number }
  getFrameInfo(): { bitsPerSample: number; componentCount: number }
  delete(): void
}
type Factory = (options: { print(): void; printErr(): void }) => Promise<{ J2KDecoder: new () => Decoder }>

export interface ReducedFrame {
  readonly Rows: number
  readonly Columns: number
  /** Bytes per sample: 1 or 2. */
  readonly size: 1 | 2
  /** Little endian, colour by pixel. */
  readonly pixels: Uint8Array
}

let loaded: ReturnType<Factory> | undefined

/**
 * Decodes a codestream at a reduced size.
 * @param level how often the size is halved, at most the number of decompositions of the codestream
 * @error decode-failed
 */
export async function decodeReduced(bytes: Uint8Array, level: number): Promise<ReducedFrame> {
  const silent = (): void => {}
  loaded ??= (createRequire(import.meta.url)('@cornerstonejs/codec-openjpeg/decodewasmjs') as Factory)({
    print: silent,
    printErr: silent,
  })
  const { J2KDecoder } = await loaded
  try {
    const decoder = new J2KDecoder()
    decoder.getEncodedBuffer(bytes.length).set(bytes)
    decoder.decodeSubResolution(level, 0)
    const { width, height } = decoder.calculateSizeAtDecompositionLevel(level)
    const { bitsPerSample, componentCount } = decoder.getFrameInfo()
    const size = bitsPerSample > 8 ? 2 : 1
    const needed = width * height * componentCount * size
    const decoded = decoder.getDecodedBuffer()
    // A damaged codestream may be decoded to an image without columns.
    if (needed === 0 || decoded.length < needed || bitsPerSample > 16)
      throw new OutpostError('decode-failed', { reason: 'reduced' })
    const pixels = decoded.slice(0, needed)
    decoder.delete()
    return { Rows: height, Columns: width, size, pixels }
  } catch (error) {
    // The state of the instance is unknown after an error, so a new one is loaded next time.
    loaded = undefined
    throw error instanceof OutpostError ? error : new OutpostError('decode-failed', { reason: 'reduced' })
  }
}
