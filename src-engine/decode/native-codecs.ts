/**
 * JPEG, JPEG 2000, HTJ2K and JPEG XL decoders of the package dcmjs-codecs, called on its WebAssembly module directly:
 * no JavaScript library around it, and a fresh instance after a failure, since an exception leaves the old one's memory
 * as it was.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Allocate } from '../../src-core/dicom/pixels/memory.ts'

/** Which of the module's decoders. */
export type NativeDecoder = 'DecodeJpeg' | 'DecodeJpeg2000' | 'DecodeHtJpeg2000' | 'DecodeJpegXl'

export interface CodecParameters {
  readonly Rows: number
  readonly Columns: number
  readonly BitsAllocated: number
  readonly BitsStored: number
  readonly SamplesPerPixel: number
  readonly PixelRepresentation: number
  readonly PlanarConfiguration: number
  readonly PhotometricInterpretation: string
  /** JPEG only: turn YCbCr into RGB while decoding. */
  readonly convertToRgb: boolean
}

export interface CodecResult {
  readonly pixels: Uint8Array
  readonly BitsAllocated: number
  readonly BitsStored: number
  readonly SamplesPerPixel: number
  readonly PlanarConfiguration: number
  readonly PhotometricInterpretation: string
}

/** The module's own numbering of photometric interpretations. */
export const PHOTOMETRIC = [
  'MONOCHROME1',
  'MONOCHROME2',
  'PALETTE COLOR',
  'RGB',
  'YBR_FULL',
  'YBR_FULL_422',
  'YBR_PARTIAL_422',
  'YBR_PARTIAL_420',
  'YBR_ICT',
  'YBR_RCT',
  'CMYK',
  'ARGB',
  'HSV',
  'XYB',
]

type Exports = Record<string, (...values: number[]) => number> & { memory: { readonly buffer: ArrayBuffer } }

/** Node's types leave WebAssembly to the DOM's. */
interface CompiledModule {
  readonly compiled: unique symbol
}
const wasm = (
  globalThis as unknown as {
    WebAssembly: {
      compile(bytes: Uint8Array): Promise<CompiledModule>
      Instance: new (
        module: CompiledModule,
        imports: Record<string, Record<string, (...values: never[]) => number>>,
      ) => { exports: unknown }
    }
  }
).WebAssembly

/**
 * An instance that has grown beyond this is given up after the call, so that one large frame does not hold its memory
 * for ever.
 */
const KEEP_INSTANCE_BYTES = 256 * 1024 * 1024

let compiled: Promise<CompiledModule> | undefined
let current: Exports | undefined

function compile(): Promise<CompiledModule> {
  compiled ??= (async () => {
    const entry = createRequire(import.meta.url).resolve('dcmjs-codecs')
    return wasm.compile(await readFile(join(dirname(entry), 'dcmjs-native-codecs.wasm')))
  })()
  return compiled
}

/** Compiles the decoders in the background, so that the first compressed frame does not wait for them. */
export function warmUpCodecs(): void {
  // A failure comes back with the first frame that needs them.
  compile().catch(() => {})
}

function instantiate(module: CompiledModule): Exports {
  const view = (): DataView => new DataView(exports.memory.buffer)
  const nothing = (): number => 0
  const instance = new wasm.Instance(module, {
    wasi_snapshot_preview1: {
      environ_get: nothing,
      environ_sizes_get: (count: number, size: number) => {
        view().setUint32(count, 0, true)
        view().setUint32(size, 0, true)
        return 0
      },
      proc_exit: () => {
        throw new OutpostError('decode-failed', { reason: 'exit' })
      },
      clock_time_get: (_id: number, _precision: bigint, time: number) => {
        view().setBigUint64(time, 0n, true)
        return 0
      },
      fd_write: (_fd: number, vectors: number, count: number, written: number) => {
        let total = 0
        for (let i = 0; i < count; i++) total += view().getUint32(vectors + i * 8 + 4, true)
        view().setUint32(written, total, true)
        return 0
      },
      fd_seek: nothing,
      fd_close: nothing,
    },
    env: {
      emscripten_notify_memory_growth: nothing,
      onCodecsInfo: nothing,
      onCodecsTrace: nothing,
      // The text may quote the codestream, so it stays here.
      onCodecsException: () => {
        throw new OutpostError('decode-failed', { reason: 'codec' })
      },
    },
  })
  const exports = instance.exports as Exports
  exports['_initialize']?.()
  return exports
}

/** Calls one exported function that is known to exist. */
export function call(exports: Exports, name: string, ...values: number[]): number {
  const found = exports[name]
  if (!found) throw new OutpostError('decode-failed', { reason: `no ${name}` })
  return found(...values)
}

/**
 * Runs use on the module's instance, which is kept for the next unless it has grown large or use fails.
 * @param trap reason of the error when the module itself breaks
 * @error decode-failed, and the coded errors of use
 */
export async function withCodecs<T>(use: (exports: Exports) => T, trap: string): Promise<T> {
  const module = await compile()
  const exports = current ?? (current = instantiate(module))
  try {
    const result = use(exports)
    if (exports.memory.buffer.byteLength > KEEP_INSTANCE_BYTES) current = undefined
    return result
  } catch (error) {
    // An exception leaves the instance's memory as it was.
    current = undefined
    if (error instanceof OutpostError) throw error
    throw new OutpostError('decode-failed', { reason: trap })
  }
}

/**
 * Decodes one codestream.
 * @param maxBytes what the caller has reserved for the result; more is refused
 * @param allocate where the result may lie
 * @error decode-failed, bad-dimensions
 */
export function decodeNative(
  decoder: NativeDecoder,
  bytes: Uint8Array,
  parameters: CodecParameters,
  maxBytes: number,
  allocate: Allocate,
): Promise<CodecResult> {
  return withCodecs((exports) => {
    const context = call(exports, 'CreateCodecsContext')
    const options = call(exports, 'CreateDecoderParameters')
    call(exports, 'SetConvertColorspaceToRgb', options, parameters.convertToRgb ? 1 : 0)
    for (const name of [
      'Columns',
      'Rows',
      'BitsAllocated',
      'BitsStored',
      'SamplesPerPixel',
      'PixelRepresentation',
      'PlanarConfiguration',
    ] as const)
      call(exports, `Set${name}`, context, parameters[name])
    call(
      exports,
      'SetPhotometricInterpretation',
      context,
      Math.max(0, PHOTOMETRIC.indexOf(parameters.PhotometricInterpretation)),
    )
    call(exports, 'SetEncodedBufferSize', context, bytes.length)
    const input = call(exports, 'GetEncodedBuffer', context)
    new Uint8Array(exports.memory.buffer, input, bytes.length).set(bytes)
    call(exports, decoder, context, options)
    const get = (name: string): number => call(exports, `Get${name}`, context)
    if (get('Columns') !== parameters.Columns || get('Rows') !== parameters.Rows)
      throw new OutpostError('bad-dimensions', { where: 'codestream' })
    const size = get('DecodedBufferSize')
    if (size > maxBytes) throw new OutpostError('bad-dimensions', { where: 'codestream', bytes: size })
    const pixels = allocate(size)
    pixels.set(new Uint8Array(exports.memory.buffer, get('DecodedBuffer'), size))
    const result: CodecResult = {
      pixels,
      BitsAllocated: get('BitsAllocated'),
      BitsStored: get('BitsStored'),
      SamplesPerPixel: get('SamplesPerPixel'),
      PlanarConfiguration: get('PlanarConfiguration'),
      PhotometricInterpretation: PHOTOMETRIC[get('PhotometricInterpretation')] ?? '',
    }
    call(exports, 'ReleaseDecoderParameters', options)
    call(exports, 'ReleaseCodecsContext', context)
    return result
  }, 'trap')
}
