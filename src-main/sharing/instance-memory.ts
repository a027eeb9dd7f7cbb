/**
 * Buffers that are used again for every instance of a share. A new buffer for each would be freed only by the garbage
 * collector, which does not see how large they are: a study of 1 GB used 1.4 GB of memory.
 */

/**
 * Files up to this size in bytes are read completely; larger ones are read in chunks, or into a buffer of their own.
 */
export const WHOLE_LIMIT = 16 * 2 ** 20
/** Size in bytes of the chunks in which a large file is read. */
export const PIECE = 2 ** 20

export interface InstanceMemory {
  /**
   * Buffers for the file as read, for the output, and for a chunk. Each is valid until the next call of its function.
   */
  readonly source: (size: number) => Buffer
  readonly outgoing: (size: number) => Buffer
  readonly piece: (size: number) => Buffer
}

/** @param allocate replaced in tests, which count the allocated bytes */
export function instanceMemory(allocate: (size: number) => Buffer = Buffer.allocUnsafeSlow): InstanceMemory {
  const reused = (): ((size: number) => Buffer) => {
    let buffer = allocate(0)
    return (size) => {
      // A buffer that only a large file needs is not kept for the other files.
      if (size > WHOLE_LIMIT) return allocate(size)
      if (size > buffer.length)
        buffer = allocate(Math.min(WHOLE_LIMIT, Math.max(PIECE, 2 ** Math.ceil(Math.log2(size)))))
      return buffer.subarray(0, size)
    }
  }
  return { source: reused(), outgoing: reused(), piece: reused() }
}
