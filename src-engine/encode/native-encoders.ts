/** Calls the lossless encoders of the package dcmjs-codecs directly in its WebAssembly module, like its decoders. */
import { call, PHOTOMETRIC, withCodecs } from '../decode/native-codecs.ts'

export type NativeEncoder = 'EncodeJpeg' | 'EncodeJpegLs' | 'EncodeJpeg2000' | 'EncodeHtJpeg2000' | 'EncodeJpegXl'

export interface EncodedSamples {
  readonly Rows: number
  readonly Columns: number
  readonly SamplesPerPixel: number
  /** The number of bits of a cell, 8 or 16. */
  readonly BitsAllocated: number
  /** The bits per sample in the codestream. JPEG rounds them up to 8, 12 or 16. */
  readonly precision: number
  readonly PixelRepresentation: number
  readonly PhotometricInterpretation: string
  /** Little endian, colour by pixel. */
  readonly pixels: Uint8Array
}

/**
 * Parameters for lossless coding in all encoders: first-order prediction (selection value 1), no near value, reversible
 * wavelet and colour transform, full quality.
 */
const PARAMETERS = {
  Lossy: 0,
  Predictor: 1,
  PointTransform: 0,
  AllowedLossyError: 0,
  ProgressionOrder: 2,
  Rate: 0,
  AllowMct: 1,
} as const

/**
 * Encodes one frame as a codestream.
 * @error decode-failed when the encoder fails
 */
export function encodeNative(encoder: NativeEncoder, samples: EncodedSamples): Promise<Uint8Array> {
  return withCodecs((exports) => {
    const context = call(exports, 'CreateCodecsContext')
    const parameters = call(exports, 'CreateEncoderParameters')
    for (const [name, value] of Object.entries(PARAMETERS)) call(exports, `Set${name}`, parameters, value)
    for (const name of ['Columns', 'Rows', 'SamplesPerPixel', 'PixelRepresentation'] as const)
      call(exports, `Set${name}`, context, samples[name])
    // For JPEG-LS the encoder takes the precision from BitsAllocated. Above 8 it reads the samples as words.
    const minPrecision = samples.BitsAllocated === 16 ? 9 : 2
    call(
      exports,
      'SetBitsAllocated',
      context,
      encoder === 'EncodeJpegLs' ? Math.max(minPrecision, samples.precision) : samples.BitsAllocated,
    )
    call(exports, 'SetBitsStored', context, samples.precision)
    call(exports, 'SetPlanarConfiguration', context, 0)
    call(
      exports,
      'SetPhotometricInterpretation',
      context,
      Math.max(0, PHOTOMETRIC.indexOf(samples.PhotometricInterpretation)),
    )
    call(exports, 'SetDecodedBufferSize', context, samples.pixels.length)
    const input = call(exports, 'GetDecodedBuffer', context)
    new Uint8Array(exports.memory.buffer, input, samples.pixels.length).set(samples.pixels)
    call(exports, encoder, context, parameters)
    const size = call(exports, 'GetEncodedBufferSize', context)
    const bytes = new Uint8Array(exports.memory.buffer, call(exports, 'GetEncodedBuffer', context), size).slice()
    call(exports, 'ReleaseEncoderParameters', parameters)
    call(exports, 'ReleaseCodecsContext', context)
    return bytes
  }, 'encoder')
}
