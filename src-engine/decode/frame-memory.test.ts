import { describe, expect, it } from 'vitest'
import { withFrameMemory } from './frame-memory.ts'

const MIB = 1024 * 1024

describe('memory of frames', () => {
  it('is used again by the next that needs about as much', async () => {
    const first = await withFrameMemory(async (allocate) => allocate(1000).buffer)
    expect(await withFrameMemory(async (allocate) => allocate(900).buffer)).toBe(first)
    expect(await withFrameMemory(async (allocate) => allocate(1001).buffer)).not.toBe(first)
    expect(await withFrameMemory(async (allocate) => allocate(100).buffer)).not.toBe(first)
  })
  it('never belongs to two at a time', async () => {
    let begun = 0
    const buffers = await Promise.all(
      [1, 2, 3].map(() =>
        withFrameMemory(async (allocate) => {
          const [one, other] = [allocate(5000), allocate(5000)]
          one.fill(++begun)
          await new Promise((resolve) => setImmediate(resolve))
          expect(new Set(one).size).toBe(1)
          return [one.buffer, other.buffer]
        }),
      ),
    )
    expect(new Set(buffers.flat()).size).toBe(6)
  })
  it('comes back also from what failed, and large pieces are let go', async () => {
    const failing = async (length: number): Promise<ArrayBufferLike> => {
      let buffer: ArrayBufferLike | undefined
      await withFrameMemory(async (allocate) => {
        buffer = allocate(length).buffer
        throw new Error('broken')
      }).catch(() => {})
      return buffer!
    }
    const small = await failing(70_000)
    expect(await withFrameMemory(async (allocate) => allocate(70_000).buffer)).toBe(small)
    const large = await failing(20 * MIB)
    expect(await withFrameMemory(async (allocate) => allocate(20 * MIB).buffer)).not.toBe(large)
  })
})
