/** Memory of frames that is used again for the next ones: fresh pages cost more than what is read into them. */
import type { Allocate } from '../../src-core/dicom/pixels/memory.ts'

/** More is not kept: one large frame shall not hold its memory for ever. */
const KEPT_BYTES = 16 * 1024 * 1024
const spare: Uint8Array[] = []

/** Lends memory to use, until its promise is settled; nothing of it may be in the answer. */
export async function withFrameMemory<T>(use: (allocate: Allocate) => Promise<T>): Promise<T> {
  const lent: Uint8Array[] = []
  try {
    return await use((length) => {
      const index = spare.findIndex((memory) => memory.length >= length && memory.length <= 4 * length)
      const memory = index < 0 ? new Uint8Array(length) : spare.splice(index, 1)[0]!
      lent.push(memory)
      return memory.subarray(0, length)
    })
  } finally {
    // The latest first, so that what nobody fits any more goes in the end.
    spare.unshift(...lent)
    let kept = 0
    const fitting = spare.findIndex((memory) => (kept += memory.length) > KEPT_BYTES)
    if (fitting >= 0) spare.length = fitting
  }
}
