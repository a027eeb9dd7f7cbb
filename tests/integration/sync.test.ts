/** Tests the workstation's sync at the real relay. */
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Sync } from '../../src-main/ports/services.ts'
import { eventually } from '../support/eventually.ts'
import { cuttableNetwork, dyingContext, openStation, RELAY_URL, type Station } from '../support/sync-station.ts'
import {
  enrolWorkstation,
  everyNoticeSent,
  messagesSoFar,
  startRelay,
  temporaryFolder,
  writeSeed,
  type TestRelay,
  type TestWorkstation,
} from './relay-support.ts'
import { relayClient } from '../../src-main/sync/relay-client.ts'

let temporary: Awaited<ReturnType<typeof temporaryFolder>>
let relay: TestRelay
let workstation: TestWorkstation
let other: TestWorkstation
const open: Sync[] = []
let stations = 0

beforeAll(async () => {
  temporary = await temporaryFolder()
  relay = await startRelay(temporary.folder, { publicUrl: RELAY_URL, seed: await writeSeed(temporary.folder) })
  workstation = await enrolWorkstation(relayFetch, 'RADI-OLOG-0001')
  other = await enrolWorkstation(relayFetch, 'CARD-IOLO-0001')
})
afterAll(async () => {
  await Promise.all(open.map((sync) => sync.close()))
  await relay.close()
  await temporary.remove()
})

/** relay-support uses the relay's public name; here it leads to the same in-process fetch. */
const relayFetch = ((input: string | URL | Request, init?: RequestInit) => {
  const request = new Request(input, { ...init, ...(init?.body ? { duplex: 'half' } : {}) } as RequestInit)
  return relay.relay.fetch(request)
}) as typeof fetch

async function station(as = workstation): Promise<Station> {
  stations += 1
  const folder = path.join(temporary.folder, `station-${stations}`)
  mkdirSync(folder)
  return openStation(folder, as, cuttableNetwork(relayFetch))
}

async function started(of: Station, change?: Parameters<Station['start']>[0]): Promise<Sync> {
  const sync = await of.start(change)
  open.push(sync)
  return sync
}

describe('S1: the outbox empties by itself', () => {
  it('S4: a share is delivered, and its receipt says the hash of every part as sent', async () => {
    const syncStation = await station()
    const share = syncStation.share()
    const sync = await started(syncStation)
    await eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')
    const receipt = syncStation.ledger.receipts.get(share.shareId)
    const [record] = [...syncStation.ledger.packages.values()]
    expect(receipt?.parts).toEqual(record?.parts)
    expect(receipt?.expiresAt).not.toBeNull()
    expect(sync.state()).toMatchObject({ online: true, reason: null })
    expect(syncStation.ledger.states).toEqual([
      'queued',
      'preparing',
      'prepared',
      'uploading',
      'confirming',
      'delivered',
    ])
    await sync.close()
    expect(await syncStation.context.spool.packages()).toEqual([])
  })

  it('S1: made without a connection it waits as offline, then is sent without a click, urgent ones first', async () => {
    const syncStation = await station()
    syncStation.network.up = false
    const [plain, urgent] = [syncStation.share(), syncStation.share({ terms: { urgent: true } })]
    const sync = await started(syncStation)
    await eventually(
      () =>
        syncStation.ledger.state(plain.shareId) === 'waiting' && syncStation.ledger.state(urgent.shareId) === 'waiting',
    )
    expect((await syncStation.ledger.item(plain.shareId)).reason).toBe('offline')
    expect(sync.state()).toMatchObject({ online: false, reason: 'offline' })
    syncStation.network.up = true
    await eventually(() => syncStation.ledger.state(plain.shareId) === 'delivered')
    const at = (shareId: string): string => syncStation.ledger.receipts.get(shareId)?.deliveredAt ?? ''
    expect(at(urgent.shareId) < at(plain.shareId)).toBe(true)
    await sync.close()
  })

  it('S1: what waits for its time goes by itself when that has come, without a new contact', async () => {
    const syncStation = await station()
    const share = syncStation.share()
    let full = true
    const sync = await started(syncStation, (context) => ({
      ...context,
      prepare: async (...given) => {
        if (full) throw new OutpostError('disk-full')
        return context.prepare(...given)
      },
    }))
    await eventually(() => syncStation.ledger.state(share.shareId) === 'waiting' && sync.state().online)
    expect(syncStation.ledger.items.get(share.shareId)).toMatchObject({
      reason: 'disk-full',
      waitingUntil: expect.any(String),
    })
    full = false
    await eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')
    await sync.close()
  })

  it('S2: cut off in the middle of an upload, it sends afterwards only what the relay does not hold', async () => {
    const syncStation = await station()
    const share = syncStation.share({ slices: 4, pixelBytes: 2 * 2 ** 20 })
    let patches = 0
    const cut = syncStation.network.fetch
    syncStation.network.fetch = (async (input: string, init?: RequestInit) => {
      if (init?.method === 'PATCH') {
        patches += 1
        if (patches === 3) syncStation.network.up = false
      }
      return cut(input, init)
    }) as typeof fetch
    const sync = await started(syncStation)
    await eventually(() => syncStation.ledger.state(share.shareId) === 'waiting')
    const sent = sync.progress(share.shareId)?.bytesSent ?? 0
    expect(sent).toBeGreaterThan(0)
    syncStation.network.up = true
    await eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')
    expect(syncStation.ledger.packages.size).toBe(1)
    // 8.4 MB are sent in chunks of 1, 2, 4 MiB …; a new upload from the beginning would need more requests.
    expect(patches).toBeLessThan(12)
    await sync.close()
  })

  it('S4: what the relay lost between upload and confirm is sent again, and only then is it delivered', async () => {
    const syncStation = await station()
    const share = syncStation.share()
    const through = syncStation.network.fetch
    const uploads = new Set<string>()
    let confirms = 0
    syncStation.network.fetch = (async (input: string | Request, init?: RequestInit) => {
      const url = typeof input === 'string' ? input : input.url
      if (init?.method === 'PATCH') uploads.add(url)
      if (url.endsWith('/api/confirm')) {
        confirms += 1
        const headers = { authorization: `Bearer ${workstation.enrolment.token}`, 'tus-resumable': '1.0.0' }
        if (confirms === 1)
          for (const upload of uploads)
            expect((await relayFetch(upload, { method: 'DELETE', headers })).status).toBe(204)
      }
      return through(input, init)
    }) as typeof fetch
    const sync = await started(syncStation)
    await eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')
    expect(confirms).toBe(2)
    expect(syncStation.ledger.receipts.get(share.shareId)?.parts).toEqual(
      [...syncStation.ledger.packages.values()][0]?.parts,
    )
    await sync.close()
  })

  it('S5: paused in the middle of an upload it stops, resumed it goes on from there', async () => {
    const syncStation = await station()
    const share = syncStation.share({ slices: 4, pixelBytes: 2 * 2 ** 20 })
    const through = syncStation.network.fetch
    const begun = Promise.withResolvers<void>()
    const stopped = Promise.withResolvers<void>()
    const offsets: string[] = []
    syncStation.network.fetch = (async (input: string, init?: RequestInit) => {
      if (init?.method === 'PATCH') offsets.push(new Headers(init.headers).get('upload-offset') ?? '')
      // The second chunk hangs until the pause aborts it.
      if (init?.method === 'PATCH' && offsets.length === 2) {
        begun.resolve()
        await new Promise<void>((done) => init.signal!.addEventListener('abort', () => done()))
        stopped.resolve()
        init.signal!.throwIfAborted()
      }
      return through(input, init)
    }) as typeof fetch
    const sync = await started(syncStation)
    await begun.promise
    await syncStation.ledger.apply(share.shareId, { type: 'pause' }, new Date().toISOString())
    sync.kick()
    await stopped.promise
    const sent = sync.progress(share.shareId)?.bytesSent
    expect(sent).toBeGreaterThan(0)
    // Shares are sent one after another: once the next one is delivered, sync has left the paused one.
    const next = syncStation.share()
    sync.kick()
    await eventually(() => syncStation.ledger.state(next.shareId) === 'delivered')
    expect(sync.progress(share.shareId)?.bytesSent).toBe(sent)
    expect(syncStation.ledger.state(share.shareId)).toBe('paused')
    const goesOnAt = offsets.length
    await syncStation.ledger.apply(share.shareId, { type: 'resume' }, new Date().toISOString())
    sync.kick()
    await eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')
    expect(Number(offsets[goesOnAt])).toBe(Number(offsets[1]))
    await sync.close()
  })

  it('S5: cancelled while it is prepared, nothing of it goes out', async () => {
    const syncStation = await station()
    const share = syncStation.share({ slices: 30 })
    let sync: Sync | null = null
    sync = await started(syncStation, (context) => ({
      ...context,
      prepare: (record, options) =>
        context.prepare(record, {
          ...options,
          onProgress: (done) => {
            if (done === 2)
              void syncStation.ledger
                .apply(share.shareId, { type: 'cancel' }, new Date().toISOString())
                .then(() => sync?.kick())
            options.onProgress(done)
          },
        }),
    }))
    await eventually(() => syncStation.ledger.state(share.shareId) === 'cancelled')
    // Closing waits for work that is still running.
    await sync.close()
    expect(syncStation.network.requests.some((request) => request.includes('/uploads'))).toBe(false)
    expect(await syncStation.context.spool.packages()).toEqual([])
  })
})

describe('S3: once, whatever happens', () => {
  it('S3: killed before or after any step, the next start delivers it, once', async () => {
    const counted = await station()
    const undisturbed = dyingContext(counted.context, Number.POSITIVE_INFINITY, 'before')
    const first = counted.share()
    const probe = await started(counted, () => undisturbed.context)
    await eventually(() => counted.ledger.state(first.shareId) === 'delivered')
    const steps = undisturbed.steps()
    expect(steps).toBeGreaterThan(10)
    void probe
    const mailed: { address: string; at: string }[] = []
    for (let dieAt = 1; dieAt <= steps; dieAt += 1) {
      for (const when of ['before', 'after'] as const) {
        const syncStation = await station()
        const share = syncStation.share({ slices: 1 })
        mailed.push({ address: share.recipients[0]?.email ?? '', at: `${when} step ${dieAt}` })
        const dying = dyingContext(syncStation.context, dieAt, when)
        // The sync is not closed, just as a killed process leaves its sockets open: it can have no effect any more.
        await syncStation.start(() => dying.context)
        await Promise.race([dying.died, eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')])
        const again = await started(syncStation)
        await eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')
        expect(syncStation.ledger.receipts.size, `${when} step ${dieAt}`).toBe(1)
        expect(syncStation.ledger.receipts.get(share.shareId)?.parts).toEqual(
          [...syncStation.ledger.packages.values()].at(-1)?.parts,
        )
        await again.close()
        expect(await syncStation.context.spool.packages(), `${when} step ${dieAt}`).toEqual([])
      }
    }
    await everyNoticeSent(temporary.folder)
    for (const { address, at } of mailed) expect(await messagesSoFar(relayFetch, address), at).toHaveLength(1)
  }, 300_000)

  it('S9: what happens at the relay comes back by itself, once, also what happened while nobody listened', async () => {
    const syncStation = await station()
    const share = syncStation.share()
    const sync = await started(syncStation)
    await eventually(() =>
      syncStation.ledger.told.some(({ type, shareId }) => type === 'notified' && shareId === share.shareId),
    )
    await sync.close()
    syncStation.ledger.toTell = [
      { commandId: 1, kind: 'withdraw', shareId: share.shareId, recipientId: null, by: 'sample-technologist' },
    ]
    const again = await started(syncStation)
    await eventually(() =>
      syncStation.ledger.told.some(({ type, shareId }) => type === 'withdrawn' && shareId === share.shareId),
    )
    expect(syncStation.ledger.toTell).toEqual([])
    const cursors = syncStation.ledger.told.map(({ cursor }) => cursor)
    expect(cursors).toEqual([...new Set(cursors)].toSorted((one, next) => one - next))
    await again.close()
  })

  /** Prepares a share without a connection, and flips one bit of a part in the spool. */
  async function damagedInSpool(syncStation: Station, part: string) {
    syncStation.network.up = false
    const share = syncStation.share({ terms: { message: 'Hello' } })
    const sync = await started(syncStation)
    await eventually(() => syncStation.ledger.state(share.shareId) === 'waiting')
    const [packageId = ''] = await syncStation.context.spool.packages()
    const file = syncStation.context.spool.partPath(packageId, part)
    const bytes = readFileSync(file)
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = bytes[middle]! ^ 1
    writeFileSync(file, bytes)
    return { share, sync, packageId }
  }

  it.each(['images', 'message', 'manifest'])(
    'S2 W6: a package whose part %s was damaged on this disk is made again',
    async (part) => {
      const syncStation = await station()
      const { share, sync, packageId } = await damagedInSpool(syncStation, part)
      syncStation.network.up = true
      sync.kick()
      await eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')
      const receipt = syncStation.ledger.receipts.get(share.shareId)
      expect(receipt?.packageId).not.toBe(packageId)
      await sync.close()
      expect(await syncStation.context.spool.packages()).toEqual([])
    },
  )

  it('S2 W6: a damaged package whose source files have changed is not made again: a person decides', async () => {
    const syncStation = await station()
    const { share, sync } = await damagedInSpool(syncStation, 'images')
    // Its size and time stay the same, so only its bytes show the change.
    const { path: source } = share.instances[0]!
    const { atime, mtime } = statSync(source)
    const bytes = readFileSync(source)
    bytes[bytes.length - 1] = bytes.at(-1)! ^ 1
    writeFileSync(source, bytes)
    utimesSync(source, atime, mtime)
    syncStation.network.up = true
    sync.kick()
    await eventually(() => syncStation.ledger.items.get(share.shareId)?.reason === 'source-changed')
    expect(syncStation.ledger.state(share.shareId)).toBe('failed')
    expect(syncStation.network.requests.filter((request) => request.startsWith('PATCH'))).toEqual([])
    await sync.close()
  })

  it('X1: a workstation of another department sees neither upload nor share', async () => {
    const syncStation = await station()
    const share = syncStation.share()
    const sync = await started(syncStation)
    await eventually(() => syncStation.ledger.state(share.shareId) === 'delivered')
    await sync.close()
    const stranger = relayClient({ relayUrl: RELAY_URL, token: other.enrolment.token, fetch: relayFetch })
    await expect(stranger.withdraw({ shareId: share.shareId, by: 'staff-1' })).rejects.toMatchObject({
      code: 'share-not-found',
    })
    await expect(
      stranger.unblock({ shareId: share.shareId, recipientId: share.recipients[0]?.recipientId ?? '', by: 'staff-1' }),
    ).rejects.toMatchObject({ code: 'share-not-found' })
  })

  it('W18: a revoked workstation says so, and keeps its work', async () => {
    const syncStation = await station({
      ...workstation,
      enrolment: { ...workstation.enrolment, token: Buffer.alloc(32).toString('base64url') },
    })
    const share = syncStation.share()
    const sync = await started(syncStation)
    await eventually(() => sync.state().reason === 'revoked' && syncStation.ledger.state(share.shareId) === 'waiting')
    expect((await syncStation.ledger.item(share.shareId)).reason).toBe('revoked')
    expect(await syncStation.context.spool.packages()).toHaveLength(1)
    await sync.close()
  })
})
