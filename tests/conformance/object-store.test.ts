import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ObjectStore } from '../../src-relay/ports/objects.ts'
import { codeOfFailure } from '../integration/relay-support.ts'
import { stores } from './object-stores.ts'

describe.each(stores)('object store: $name', ({ open }) => {
  let opened: Awaited<ReturnType<typeof open>>
  let store: ObjectStore

  beforeAll(async () => {
    opened = await open()
    store = opened.store
  })
  afterAll(() => opened.remove())

  const readAll = async (from: ObjectStore, name: string): Promise<Buffer> => {
    const pieces: Uint8Array[] = []
    for await (const piece of from.stream(name)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  const putAll = async (name: string, ...pieces: Uint8Array[]): Promise<void> => {
    let offset = 0
    for (const [number, bytes] of pieces.entries()) {
      await store.putPart(name, { number, offset, bytes })
      offset += bytes.length
    }
    await store.complete(name, offset)
  }

  it('S2: an object of parts is there once it is complete, also for a store that is opened next', async () => {
    const name = randomUUID()
    const bytes = randomBytes(300_000)
    await store.putPart(name, { number: 1, offset: 100_000, bytes: bytes.subarray(100_000) })
    await store.putPart(name, { number: 0, offset: 0, bytes: bytes.subarray(0, 100_000) })
    expect(await store.size(name)).toBe(0)
    expect(await codeOfFailure(store.getRange(name, 0, 1))).toBe('upload-not-found')
    await (await opened.reopen()).complete(name, 300_000)
    expect(await store.size(name)).toBe(300_000)
    expect(Buffer.compare(await readAll(await opened.reopen(), name), bytes)).toBe(0)
  })

  it('S2: a part that is stored again replaces the earlier one, and nothing behind the size stays', async () => {
    const name = randomUUID()
    await store.putPart(name, { number: 0, offset: 0, bytes: Buffer.from('torn and much too long') })
    await store.putPart(name, { number: 0, offset: 0, bytes: Buffer.from('acknowledged') })
    await store.complete(name, 12)
    expect((await readAll(store, name)).toString()).toBe('acknowledged')
  })

  it('S2: an object is not complete with fewer bytes than it has to have', async () => {
    const name = randomUUID()
    expect(await codeOfFailure(store.complete(name, 1))).toBe('upload-not-found')
    await store.putPart(name, { number: 0, offset: 0, bytes: Buffer.from('12345') })
    expect(await codeOfFailure(store.complete(name, 6))).toBe('upload-not-found')
    expect(await store.size(name)).toBe(0)
  })

  it('S2: an object that is received again replaces the earlier one only when it is complete', async () => {
    const name = randomUUID()
    await putAll(name, Buffer.from('earlier'))
    await store.putPart(name, { number: 0, offset: 0, bytes: Buffer.from('new') })
    expect((await readAll(store, name)).toString()).toBe('earlier')
    await store.complete(name, 3)
    expect((await readAll(store, name)).toString()).toBe('new')
    await store.put(name, Buffer.from('at once'))
    expect((await readAll(store, name)).toString()).toBe('at once')
  })

  it('reads exactly the range asked for, and fails rather than giving less', async () => {
    const name = randomUUID()
    await putAll(name, Buffer.from('01234'), Buffer.from('56789'))
    expect(Buffer.from(await store.getRange(name, 3, 4)).toString()).toBe('3456')
    expect((await store.getRange(name, 10, 0)).length).toBe(0)
    expect(await codeOfFailure(store.getRange(name, 8, 3))).toBe('upload-not-found')
    expect(await codeOfFailure(store.getRange(randomUUID(), 0, 1))).toBe('upload-not-found')
  })

  it('X1: deletes an object and what was received of it; what is not there is no error', async () => {
    const name = randomUUID()
    await store.put(name, Buffer.from('x'))
    await store.putPart(name, { number: 0, offset: 0, bytes: Buffer.from('y') })
    await store.delete(name)
    await store.delete(name)
    expect(await store.size(name)).toBe(0)
    expect(await codeOfFailure(store.complete(name, 1))).toBe('upload-not-found')
  })

  it('a name never leads out of the store', async () => {
    for (const name of ['../outside', 'a/b', '/etc/passwd', '', 'A'.repeat(200), '..']) {
      expect(await codeOfFailure(store.put(name, Buffer.from('x')))).toBe('bad-request')
      const part = { number: 0, offset: 0, bytes: Buffer.from('x') }
      expect(await codeOfFailure(store.putPart(name, part))).toBe('bad-request')
    }
  })

  it('S2: has the bytes of a model, in whatever order and however often parts are stored', async () => {
    const partBytes = 500
    const stored = fc.record({ number: fc.integer({ min: 0, max: 5 }), seed: fc.integer({ min: 0, max: 255 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(stored, { maxLength: 12 }), async (again) => {
        const name = randomUUID()
        const parts = Array.from({ length: 6 }, (_, number) => ({ number, seed: number }))
        const model = Buffer.alloc(6 * partBytes)
        for (const { number, seed } of [...parts, ...again]) {
          const bytes = Buffer.alloc(partBytes, seed)
          await store.putPart(name, { number, offset: number * partBytes, bytes })
          bytes.copy(model, number * partBytes)
        }
        await store.complete(name, model.length)
        expect(Buffer.compare(await readAll(store, name), model)).toBe(0)
      }),
      { numRuns: 40 },
    )
  })
})
