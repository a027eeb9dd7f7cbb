/** Reuses the memory of frames for the next frames, because fresh memory pages cost more time than filling them. */
import type { Allocate } from '../../src-core/dicom/pixels/memory.ts'

/** The maximum size of the kept memory, so that one large frame does not occupy memory permanently. */
const KEPT_BYTES = 16 * 1024 * 1024
const spareArrays: Uint8Array[] = []

/**
 * Calls a function with an allocator whose memory is valid until the function's promise is settled. The result must not
 * have any of this memory.
 */
export async function withFrameMemory<T>(use: (allocate: Allocate) => Promise<T>): Promise<T> {
  const borrowed: Uint8Array[] = []
  try {
    return await use((length) => {
      const index = spareArrays.findIndex((memory) => memory.length >= length && memory.length <= 4 * length)
      const memory = index < 0 ? new Uint8Array(length) : spareArrays.splice(index, 1)[0]!
      borrowed.push(memory)
      return memory.subarray(0, length)
    })
  } finally {
    // The latest arrays are first, so that arrays which no frame fits any more are dropped at the end.
    spareArrays.unshift(...borrowed)
    let keptBytes = 0
    const firstDropped = spareArrays.findIndex((memory) => (keptBytes += memory.length) > KEPT_BYTES)
    if (firstDropped >= 0) spareArrays.length = firstDropped
  }
}
