/** Inflates deflated data sets up to a limit; parseDicom gets this function where Node is available. */
import { plainBytes } from '../src-core/bytes.ts'
import { OutpostError } from '../src-core/contract/errors.ts'

/** Loaded at the first deflated file, because the module is large and few files are deflated. */
const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib')

/**
 * Inflates raw deflate data.
 * @param limit the maximum size of the result in bytes. It is needed because a small file can hold gigabytes of zeros
 * @error deflate-broken
 */
export function inflateBounded(deflated: Uint8Array, limit: number): Uint8Array {
  try {
    return plainBytes(zlib().inflateRawSync(deflated, { maxOutputLength: limit }))
  } catch (error) {
    // Some writers put a zlib header in front, against PS3.5 A.5, so that form is tried next.
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new OutpostError('deflate-broken', { limit })
    try {
      return plainBytes(zlib().inflateSync(deflated, { maxOutputLength: limit }))
    } catch {
      throw new OutpostError('deflate-broken', {}, { cause: error })
    }
  }
}
