import { createHash, randomUUID } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partTree, treeHashOf } from '../../src-engine/package/part-tree.ts'
import { startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  codeOfFailure,
  confirmRequest,
  createUpload,
  makePackage,
  patchUpload,
  type TestWorkstation,
} from './relay-support.ts'

const MIB = 2 ** 20
let started: EnrolledRelay
let station: TestWorkstation

beforeAll(async () => {
  started = await startEnrolledRelay()
  station = started.station
})
afterAll(() => started.close())

/** Bytes that are not the same at two places, made without waiting for random ones. */
function bytesOf(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE((at * 2654435761) >>> 0, at)
  return bytes
}

function treeOf(bytes: Uint8Array): string {
  const tree = partTree()
  tree.update(bytes)
  return treeHashOf(tree.close())
}

const partOf = (bytes: Uint8Array) => ({
  name: 'images',
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

async function begun(bytes: Uint8Array, tree: string): Promise<string> {
  const created = await createUpload(started.fetch, station, randomUUID(), partOf(bytes), tree)
  return created.headers.get('location') ?? ''
}

/** Sends the bytes in chunks that end at the given places. @returns the status of the last answer */
async function send(location: string, bytes: Uint8Array, ends: readonly number[]): Promise<number> {
  let status = 0
  let offset = 0
  for (const end of [...ends, bytes.length]) {
    status = (await patchUpload(started.fetch, station, location, offset, bytes.subarray(offset, end))).status
    offset = end
  }
  return status
}

const offsetOf = async (location: string): Promise<string | null> =>
  (await started.fetch(location, { method: 'HEAD', headers: station.headers })).headers.get('upload-offset')

async function filesOf(location: string): Promise<{ name: string; size: number }[]> {
  const objects = join(started.folder, 'objects')
  const id = location.split('/').at(-1)!
  const names = (await readdir(objects, { recursive: true })).filter((name) => name.includes(id))
  return Promise.all(names.map(async (name) => ({ name, size: (await stat(join(objects, name))).size })))
}

describe('S4: uploads that announce the tree hash of their part', () => {
  it('S4, S2: whatever the chunks, the part arrives, is compared, and leaves one object', {
    timeout: 120_000,
  }, async () => {
    const bytes = bytesOf(18 * MIB + 5)
    const tree = treeOf(bytes)
    // A chunk has at most 16 MiB: one cut in the middle keeps each below it.
    const cuts = fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(cuts, async (some) => {
        const ends = [...new Set([...some, 9 * MIB])].sort((one, other) => one - other)
        const location = await begun(bytes, tree)
        expect(await send(location, bytes, ends)).toBe(204)
        expect(await offsetOf(location)).toBe(String(bytes.length))
        expect((await filesOf(location)).map(({ size }) => size)).toEqual([bytes.length])
        await started.fetch(location, { method: 'DELETE', headers: station.headers })
        expect(await filesOf(location)).toEqual([])
      }),
      { numRuns: 8 },
    )
  })

  it('S4: bytes of another tree hash than announced are refused with the last one, and sent again', async () => {
    const bytes = bytesOf(9 * MIB)
    const damaged = Buffer.from(bytes)
    damaged[5 * MIB]! ^= 1
    const location = await begun(bytes, treeOf(bytes))
    expect(await send(location, damaged, [2 * MIB, 8 * MIB])).toBe(460)
    expect(await offsetOf(location)).toBe('0')
    expect(await send(location, bytes, [8 * MIB])).toBe(204)
  })

  it('S2: an upload that was begun ends whatever was received of it', async () => {
    const bytes = bytesOf(9 * MIB)
    const location = await begun(bytes, treeOf(bytes))
    await patchUpload(started.fetch, station, location, 0, bytes.subarray(0, 8 * MIB + 100))
    expect(await filesOf(location)).toHaveLength(2)
    expect((await started.fetch(location, { method: 'DELETE', headers: station.headers })).status).toBe(204)
    expect(await filesOf(location)).toEqual([])
  })

  it('S4: a share is confirmed with parts that were compared on arrival; one that is gone is noticed', async () => {
    const made = await makePackage(station)
    const locations = []
    for (const { part, sealed } of made.files) {
      const created = await createUpload(started.fetch, station, made.packageId, part, treeOf(sealed))
      locations.push(created.headers.get('location') ?? '')
      expect(await send(locations.at(-1)!, sealed, [])).toBe(204)
    }
    for (const { name } of await filesOf(locations[0]!)) await rm(join(started.folder, 'objects', name))
    const request = confirmRequest(made)
    expect(await codeOfFailure(station.api.confirm(request))).toBe('offset-mismatch')
    expect(await send(locations[0]!, made.files[0]!.sealed, [])).toBe(204)
    expect((await station.api.confirm(request)).shareId).toBe(request.shareId)
  })
})
