import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf } from '../../src-core/contract/errors.ts'
import { LEAF_BYTES, partTree, treeHashOf } from '../../src-engine/package/part-tree.ts'
import type { ObjectStore } from '../ports/objects.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { openFolderObjects } from '../storage/folder-objects.ts'
import { receiveChunk } from './receive-chunk.ts'
import { restartUpload, type Upload } from './upload-records.ts'

const uploadId = '7d0f3a52-1c7e-4b7f-9f0a-000000000001'
/** Two parts and a short one, in chunks that end inside of parts. */
const bytes = Buffer.alloc(17 * LEAF_BYTES + 5)
for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at)
const ENDS = [3 * LEAF_BYTES, 11 * LEAF_BYTES + 9, bytes.length]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'receive-chunk-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A process that ends at its n-th step: from then on nothing that it does has an effect. */
function dyingAt(step: number, row: { received: number; subtrees: Uint8Array }, objects: ObjectStore) {
  let steps = 0
  const take = async <T>(work: () => Promise<T> | T): Promise<T> => {
    steps += 1
    if (steps > step) throw new Error('ended')
    return work()
  }
  const relay = {
    now: () => new Date(0),
    objects: {
      ...objects,
      putPart: (...part: Parameters<ObjectStore['putPart']>) => take(() => objects.putPart(...part)),
      put: (...object: Parameters<ObjectStore['put']>) => take(() => objects.put(...object)),
      complete: (...object: Parameters<ObjectStore['complete']>) => take(() => objects.complete(...object)),
      delete: (name: string) => take(() => objects.delete(name)),
    },
    db: {
      updateTable: () => ({
        set: (values: object) => ({ where: () => ({ execute: () => take(() => void Object.assign(row, values)) }) }),
      }),
    },
  } as unknown as RelayContext
  return { relay, ended: () => steps > step }
}

async function readAll(objects: ObjectStore): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of objects.stream(uploadId)) pieces.push(piece)
  return Buffer.concat(pieces)
}

describe('S2: chunks of an upload', () => {
  const tree = partTree()
  tree.update(bytes)
  const treeSha256 = treeHashOf(tree.close())

  it('S2: a relay that ends at any step of any chunk has the whole part once it is sent on', async () => {
    let finished = false
    for (let step = 0; !finished; step += 1) {
      const objects = await openFolderObjects(join(folder, String(step)))
      const row = { received: 0, subtrees: new Uint8Array(0) }
      const first = dyingAt(step, row, objects)
      const later = dyingAt(Infinity, row, objects)
      const send = async (relay: RelayContext): Promise<void> => {
        while (row.received < bytes.length) {
          const upload: Upload = { uploadId, length: bytes.length, sha256: '', treeSha256, ...row }
          const end = ENDS.find((each) => each > row.received)!
          await receiveChunk(relay, upload, bytes.subarray(row.received, end))
        }
      }
      await send(first.relay).catch((error: Error) => expect(error.message).toBe('ended'))
      finished = !first.ended()
      await send(later.relay)
      // As confirm does: what is recorded and not there is sent again.
      if ((await objects.size(uploadId)) !== bytes.length) {
        await restartUpload(later.relay, uploadId)
        await send(later.relay)
      }
      expect(Buffer.compare(await readAll(objects), bytes), `ended at step ${step}`).toBe(0)
    }
  }, 60_000)

  it('S4: of a part with another tree hash nothing stays', async () => {
    const objects = await openFolderObjects(join(folder, 'other'))
    const row = { received: 0, subtrees: new Uint8Array(0) }
    const { relay } = dyingAt(Infinity, row, objects)
    const upload: Upload = { uploadId, length: 10, sha256: '', treeSha256, ...row }
    const failure = await receiveChunk(relay, upload, bytes.subarray(0, 10)).catch((error: unknown) => codeOf(error))
    expect([failure, row.received]).toEqual(['checksum-mismatch', 0])
    expect(await objects.complete(uploadId, 10).catch((error: unknown) => codeOf(error))).toBe('upload-not-found')
  })
})
