/**
 * Memory that every instance of a share is read into, one after the other. A buffer for each would be freed only when
 * the garbage collector comes by, and it does not know how large they are: a study of 1 GB took 1.4 GB.
 */

/** Files up to this size are held whole; larger ones are read in pieces, or in memory of their own. */
export const WHOLE_LIMIT = 16 * 2 ** 20
/** Bytes that are read at once of a file that is not held whole. */
export const PIECE = 2 ** 20

export interface InstanceMemory {
  /** For the file as it is, for what leaves of it, and for a piece of it: each valid until it is asked for again. */
  readonly source: (size: number) => Buffer
  readonly outgoing: (size: number) => Buffer
  readonly piece: (size: number) => Buffer
}

/** @param allocate for tests, which count what is held */
export function instanceMemory(allocate: (size: number) => Buffer = Buffer.allocUnsafeSlow): InstanceMemory {
  const reused = (): ((size: number) => Buffer) => {
    let held = allocate(0)
    return (size) => {
      // What only a large file needs is not kept for all the others.
      if (size > WHOLE_LIMIT) return allocate(size)
      if (size > held.length) held = allocate(Math.min(WHOLE_LIMIT, Math.max(PIECE, 2 ** Math.ceil(Math.log2(size)))))
      return held.subarray(0, size)
    }
  }
  return { source: reused(), outgoing: reused(), piece: reused() }
}
