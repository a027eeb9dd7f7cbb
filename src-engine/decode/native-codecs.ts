/**
 * Calls the JPEG, JPEG 2000, HTJ2K and JPEG XL decoders of the package dcmjs-codecs directly in its WebAssembly module,
 * without a JavaScript library around it. After a failure a new instance is made, because an exception leaves the
 * memory of the old one in an unknown state.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Allocate } from '../../src-core/dicom/pixels/memory.ts'

/** The decoders of the module. */
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
  /** JPEG only: whether to convert YCbCr to RGB while decoding. */
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

/** Photometric interpretations by the numbers that the module uses. */
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

/** The types of WebAssembly are declared here, because those of Node do not have them. */
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
 * The maximum memory in bytes of an instance that is kept. A larger one is dropped after the call, so that one large
 * frame does not occupy memory permanently.
 */
const MAX_KEPT_INSTANCE_BYTES = 256 * 1024 * 1024

let compiled: Promise<CompiledModule> | undefined
let keptInstance: Exports | undefined

function compile(): Promise<CompiledModule> {
  compiled ??= (async () => {
    const entry = createRequire(import.meta.url).resolve('dcmjs-codecs')
    return wasm.compile(await readFile(join(dirname(entry), 'dcmjs-native-codecs.wasm')))
  })()
  return compiled
}

/** Compiles the decoders in the background, so that the first compressed frame does not wait for them. */
export function warmUpCodecs(): void {
  // The first frame that needs the decoders reports the failure.
  compile().catch(() => {})
}

function instantiate(module: CompiledModule): Exports {
  const view = (): DataView => new DataView(exports.memory.buffer)
  const returnZero = (): number => 0
  const instance = new wasm.Instance(module, {
    wasi_snapshot_preview1: {
      environ_get: returnZero,
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
      fd_seek: returnZero,
      fd_close: returnZero,
    },
    env: {
      emscripten_notify_memory_growth: returnZero,
      onCodecsInfo: returnZero,
      onCodecsTrace: returnZero,
      // The text of the exception may quote the codestream, so it is dropped.
      onCodecsException: () => {
        throw new OutpostError('decode-failed', { reason: 'codec' })
      },
    },
  })
  const exports = instance.exports as Exports
  exports['_initialize']?.()
  return exports
}

/**
 * Calls an exported function of the module.
 * @error decode-failed when the module does not have it
 */
export function call(exports: Exports, name: string, ...values: number[]): number {
  const exported = exports[name]
  if (!exported) throw new OutpostError('decode-failed', { reason: `no ${name}` })
  return exported(...values)
}

/**
 * Runs a function on the module's instance. The instance is kept for the next call unless it has grown large or the
 * function fails.
 * @param trap reason of the error when the module itself breaks
 * @error decode-failed, and the coded errors of `use`
 */
export async function withCodecs<T>(use: (exports: Exports) => T, trap: string): Promise<T> {
  const module = await compile()
  const exports = keptInstance ?? (keptInstance = instantiate(module))
  try {
    const result = use(exports)
    if (exports.memory.buffer.byteLength > MAX_KEPT_INSTANCE_BYTES) keptInstance = undefined
    return result
  } catch (error) {
    // An exception leaves the memory of the instance in an unknown state.
    keptInstance = undefined
    if (error instanceof OutpostError) throw error
    throw new OutpostError('decode-failed', { reason: trap })
  }
}

/**
 * Decodes one codestream.
 * @param maxBytes the maximum size of the result; a larger one is refused
 * @param allocate where the result may be stored
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
