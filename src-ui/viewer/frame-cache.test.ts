import { describe, expect, it, vi } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { LoadedFrame } from './dicomweb-frames.ts'
import { FrameCache, readingOrder, type FrameCacheOptions } from './frame-cache.ts'

const stored = { kind: 'stored', bytes: 10 } as LoadedFrame

/** A frame cache whose requests the test answers by hand. */
function byHand(over: Partial<FrameCacheOptions> = {}) {
  const asked = new Map<
    number,
    { signal: AbortSignal; answer: (frame: LoadedFrame) => void; fail: (error: Error) => void }
  >()
  const load = (index: number, signal: AbortSignal) =>
    new Promise<LoadedFrame>((answer, fail) => asked.set(index, { signal, answer, fail }))
  const arrived = vi.fn()
  const cache = new FrameCache({
    count: 10,
    bytesOf: () => 10,
    load,
    preview: null,
    arrived,
    limitBytes: 40,
    parallel: 2,
    ...over,
  })
  return { asked, arrived, cache, settle: () => new Promise((done) => setImmediate(done)) }
}

it('W4: reads the frame itself, then two ahead for each one behind, within the cap', () => {
  const limits = { count: 10, bytesOf: () => 10, limitBytes: 60 }
  expect(readingOrder(4, 1, limits)).toEqual([4, 5, 6, 3, 7, 8])
  expect(readingOrder(4, -1, limits)).toEqual([4, 3, 2, 5, 1, 0])
  expect(readingOrder(0, 1, limits)).toEqual([0, 1, 2, 3, 4, 5])
})
it('W4: a frame larger than the cap is still shown', () =>
  expect(readingOrder(2, 1, { count: 5, bytesOf: () => 100, limitBytes: 60 })).toEqual([2]))

describe('W4: frames around the one looked at', () => {
  it('asks for a few at a time, in reading order', async () => {
    const { asked, cache, settle } = byHand()
    cache.want(0)
    expect([...asked.keys()]).toEqual([0, 1])
    asked.get(0)!.answer(stored)
    await settle()
    expect([...asked.keys()]).toEqual([0, 1, 2])
  })
  it('stops what is no longer near and keeps to the cap', async () => {
    const { asked, cache, settle } = byHand()
    cache.want(0)
    asked.get(0)!.answer(stored)
    await settle()
    cache.want(8)
    expect(asked.get(1)!.signal.aborted).toBe(true)
    expect(cache.get(0)).toBeUndefined()
    expect(asked.has(8)).toBe(true)
  })
  it('lets what is looked at go before what may be', () => {
    const { asked, cache } = byHand()
    cache.want(0)
    cache.want(2)
    expect(asked.get(2)?.signal.aborted).toBe(false)
  })
  it('keeps the reason of a failure, and tries a lost connection again', async () => {
    const { asked, cache, settle } = byHand()
    cache.want(0)
    asked.get(0)!.fail(new OutpostError('offline'))
    asked.get(1)!.fail(new OutpostError('video'))
    await settle()
    expect([cache.failure(0), cache.failure(1)]).toEqual(['offline', 'video'])
    asked.clear()
    cache.want(0)
    expect(cache.failure(0)).toBeUndefined()
    expect(cache.failure(1)).toBe('video')
  })
  it('shows a small picture first, then the stored values', async () => {
    const preview = { kind: 'picture', preview: true, bytes: 1, bitmap: { close: vi.fn() } } as unknown as LoadedFrame
    const { asked, arrived, cache, settle } = byHand({ preview: async () => preview })
    cache.want(3)
    expect(asked.size).toBe(0)
    await settle()
    expect(cache.get(3)).toBe(preview)
    expect(cache.has(3)).toBe(false)
    asked.get(3)!.answer(stored)
    await settle()
    expect(cache.get(3)).toBe(stored)
    expect(arrived.mock.calls.filter(([index]) => index === 3)).toHaveLength(2)
  })
  it('does nothing after it is closed', () => {
    const { asked, cache } = byHand()
    cache.close()
    cache.want(0)
    expect(asked.size).toBe(0)
  })
})
