/** Bounded inflate for deflated data sets: what parseDicom is given where Node is. */
import { plainBytes } from '../src-core/bytes.ts'
import { OutpostError } from '../src-core/contract/errors.ts'

/** Brings half of Node with it, and few files are deflated: loaded with the first. */
const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib')

/**
 * @param limit most bytes of the result; a small file can claim to hold gigabytes of zeros
 * @error deflate-broken
 */
export function inflateBounded(deflated: Uint8Array, limit: number): Uint8Array {
  try {
    return plainBytes(zlib().inflateRawSync(deflated, { maxOutputLength: limit }))
  } catch (error) {
    // Some writers put the header of zlib in front, against PS3.5 A.5.
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new OutpostError('deflate-broken', { limit })
    try {
      return plainBytes(zlib().inflateSync(deflated, { maxOutputLength: limit }))
    } catch {
      throw new OutpostError('deflate-broken', {}, { cause: error })
    }
  }
}
