import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { pictureOf } from '../../tests/support/sample-share.ts'
import { selectedInstance } from '../../tests/support/selected-instances.ts'
import { writeSlice } from '../../tests/support/sync-station.ts'
import { pseudonyms } from '../imaging/uid-map.ts'
import { instanceMemory, PIECE, WHOLE_LIMIT } from './instance-memory.ts'
import { prepareInstance, type Anonymizing } from './prepare-instance.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'outpost-instance-memory-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { mapUid } = pseudonyms(new Uint8Array(32))
const anonymizing: Anonymizing = {
  patientName: 'Anonymous^1',
  patientId: 'ANON-1',
  mapUid,
  shiftDays: -30,
  options: new Set(),
  signOff: null,
  paint: pictureOf('nothing').paintFrame,
}

/** Every allocation, and most bytes that one of them had. */
function counted() {
  const sizes: number[] = []
  const memory = instanceMemory((size) => {
    if (size > 0) sizes.push(size)
    return Buffer.alloc(size)
  })
  return { memory, sizes }
}

async function prepareAll(count: number, pixelBytes: number, how: Anonymizing | null): Promise<number[]> {
  const { memory, sizes } = counted()
  for (let number = 1; number <= count; number++) {
    const file = writeSlice(folder, { study: '2.25.1', series: '2.25.2', number }, pixelBytes)
    const prepared = await prepareInstance(selectedInstance(file), how, memory)
    let size = 0
    for await (const bytes of prepared.content()) size += bytes.length
    expect(size).toBe(prepared.size)
    await prepared.close()
  }
  return sizes
}

describe('memory of the instances of a share', () => {
  it('S1: twenty images are read into the memory of the first, and not each into its own', async () => {
    expect(await prepareAll(20, 8192, null)).toEqual([PIECE])
    // One for what was read, one for what leaves.
    expect(await prepareAll(20, 8192, anonymizing)).toEqual([PIECE, PIECE])
  })

  it('S1: a file above the limit is never held whole when it leaves as it is', async () => {
    const sizes = await prepareAll(1, 2 * WHOLE_LIMIT, null)
    expect(Math.max(...sizes)).toBeLessThan(WHOLE_LIMIT)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(WHOLE_LIMIT)
  })

  it('S1: memory that one large file needed is not kept for the small ones after it', () => {
    const { memory, sizes } = counted()
    memory.source(WHOLE_LIMIT + 1)
    expect(memory.source(10).buffer.byteLength).toBeLessThanOrEqual(WHOLE_LIMIT)
    expect(sizes).toEqual([WHOLE_LIMIT + 1, PIECE])
  })

  it('S1: a file that lost its end while it is read is named as changed', async () => {
    const file = writeSlice(folder, { study: '2.25.1', series: '2.25.2', number: 1 }, 2 * WHOLE_LIMIT)
    const prepared = await prepareInstance(selectedInstance(file), null, counted().memory)
    truncateSync(file, WHOLE_LIMIT)
    const read = async (): Promise<void> => {
      for await (const _ of prepared.content());
    }
    await expect(read()).rejects.toMatchObject({ code: 'file-changed' })
    await prepared.close()
  })
})
