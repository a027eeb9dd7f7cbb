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

  it('an object grows by appending, and is there for whoever opens the store next', async () => {
    const name = randomUUID()
    const bytes = randomBytes(300_000)
    expect(await store.size(name)).toBe(0)
    await store.write(name, 0, bytes.subarray(0, 100_000))
    await store.write(name, 100_000, bytes.subarray(100_000))
    expect(await store.size(name)).toBe(300_000)
    expect(Buffer.compare(await readAll(await opened.reopen(), name), bytes)).toBe(0)
  })

  it('S2: what lies behind the offset of a write is dropped: it was never acknowledged', async () => {
    const name = randomUUID()
    await store.write(name, 0, Buffer.from('acknowledged, then a torn tail'))
    await store.write(name, 12, Buffer.from('!'))
    expect((await readAll(store, name)).toString()).toBe('acknowledged!')
  })

  it('reads exactly the range asked for, and fails rather than giving less', async () => {
    const name = randomUUID()
    await store.write(name, 0, Buffer.from('0123456789'))
    expect(Buffer.from(await store.read(name, 3, 4)).toString()).toBe('3456')
    expect((await store.read(name, 10, 0)).length).toBe(0)
    expect(await codeOfFailure(store.read(name, 8, 3))).toBe('upload-not-found')
    expect(await codeOfFailure(store.read(randomUUID(), 0, 1))).toBe('upload-not-found')
  })

  it('removes, and removing what is not there is no error', async () => {
    const name = randomUUID()
    await store.write(name, 0, Buffer.from('x'))
    await store.remove(name)
    await store.remove(name)
    expect(await store.size(name)).toBe(0)
  })

  it('a name never leads out of the store', async () => {
    for (const name of ['../outside', 'a/b', '/etc/passwd', '', 'A'.repeat(200), '..'])
      expect(await codeOfFailure(store.write(name, 0, Buffer.from('x')))).toBe('bad-request')
  })

  it('holds what a model holds, whatever is written and torn', async () => {
    const step = fc.record({
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 2000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const name = randomUUID()
        let model = Buffer.alloc(0)
        for (const { keep, bytes } of steps) {
          const offset = Math.floor(keep * model.length)
          await store.write(name, offset, bytes)
          model = Buffer.concat([model.subarray(0, offset), bytes])
          expect(await store.size(name)).toBe(model.length)
        }
        expect(Buffer.compare(await readAll(store, name), model)).toBe(0)
      }),
      { numRuns: 40 },
    )
  })
})
