/** Checks that the relay's data folder, keys included, contains nothing that opens a share that has ended. */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfirmRequest } from '../../src-core/contract/relay.ts'
import { openSealedBytes } from '../../src-engine/package/open-sealed.ts'
import { openIdentity, unwrapAccountSlot } from '../../src-engine/package/slots.ts'
import { shareOnce, startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  browser,
  codeOfFailure,
  confirmRequest,
  makePackage,
  shownMessages,
  someRecipient,
  tokenIn,
  uploadPackage,
  type TestPackage,
  type TestWorkstation,
} from './relay-support.ts'

let testRelay: EnrolledRelay
let station: TestWorkstation
let database: pg.Client
let skewMs = 0
const DAY_MS = 86_400_000
const MIB = 1024 * 1024

beforeAll(async () => {
  testRelay = await startEnrolledRelay({
    seed: { recipient: null },
    config: { now: () => new Date(Date.now() + skewMs) },
  })
  station = testRelay.station
  const { port, password } = JSON.parse(await readFile(join(testRelay.folder, 'relay', 'database.json'), 'utf8')) as {
    port: number
    password: string
  }
  database = new pg.Client(`postgres://outpost:${password}@127.0.0.1:${port}/outpost`)
  await database.connect()
})

afterAll(async () => {
  await database.end()
  await testRelay.close()
})

async function deliver(testPackage: TestPackage, more: Partial<ConfirmRequest> = {}): Promise<ConfirmRequest> {
  const request = confirmRequest(testPackage, { grants: [someRecipient()], ...more })
  await station.api.confirm(request)
  return request
}

const delivered = (changes: Partial<ConfirmRequest> = {}) =>
  shareOnce(testRelay, { grants: [someRecipient()], ...changes })

/** Returns every file below the test's folder: database with its write-ahead log, objects, keys. */
async function everyFile(): Promise<{ name: string; bytes: Buffer }[]> {
  const files: { name: string; bytes: Buffer }[] = []
  for (const name of await readdir(testRelay.folder, { recursive: true })) {
    // Folders cannot be read, and the database may have removed a file in the meantime.
    const bytes = await readFile(join(testRelay.folder, name)).catch(() => null)
    if (bytes !== null) files.push({ name, bytes })
  }
  return files
}

/** Returns the forms in which bytes may be stored in a file. */
const forms = (bytes: Buffer): Buffer[] => [
  bytes,
  ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()].map((text) => Buffer.from(text)),
  // Base64 of bytes at any offset of a longer text: the part that does not depend on its neighbours.
  ...(['base64', 'base64url'] as const).flatMap((encoding) =>
    [0, 1, 2].map((shift) => {
      const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString(encoding)
      return Buffer.from(text.slice(shift === 0 ? 0 : 4, -4))
    }),
  ),
]

const namesOfFilesWith = (files: Awaited<ReturnType<typeof everyFile>>, bytes: Buffer): string[] =>
  files.filter((file) => forms(bytes).some((form) => file.bytes.includes(form))).map(({ name }) => name)

/** Returns the value of a bytes column from the table that has it. */
async function stored(column: string, key: string, id: string): Promise<Buffer> {
  const { rows } = await database.query<{ table_name: string }>(
    'SELECT table_name FROM information_schema.columns WHERE column_name = $1',
    [column],
  )
  const table = database.escapeIdentifier(rows[0]!.table_name)
  const found = await database.query<Record<string, Buffer>>(`SELECT ${column} FROM ${table} WHERE ${key} = $1`, [id])
  return found.rows[0]![column]!
}

const ofShare = async (shareId: string) => ({
  secret: await stored('secret', 'share_id', shareId),
  accountSlot: await stored('account_slot', 'share_id', shareId),
})

type Held = Awaited<ReturnType<typeof ofShare>> & { ownerSlot: Buffer; shareId: string }

async function whatIsHeld({ testPackage, request }: Awaited<ReturnType<typeof delivered>>): Promise<Held> {
  return {
    ...(await ofShare(request.shareId)),
    ownerSlot: Buffer.from(testPackage.confirm.ownerSlot, 'base64url'),
    shareId: request.shareId,
  }
}

const AGE = 'age-encryption.org/v1\n'

/**
 * Looks for the secret and the slots of a share in every file, and tries to open the share with every key that is
 * stored anywhere: identities, the relay's key, secrets and slots.
 */
async function search(holdings: Held): Promise<{ places: string[]; opened: number }> {
  const files = await everyFile()
  const [secretIn, accountSlotIn, ownerSlotIn] = [holdings.secret, holdings.accountSlot, holdings.ownerSlot].map(
    (bytes) => namesOfFilesWith(files, bytes),
  ) as [string[], string[], string[]]
  const identities = new Set(
    files.flatMap(({ bytes }) => bytes.toString('latin1').match(/AGE-SECRET-KEY-1[0-9A-Z]{58}/g) ?? []),
  )
  let opened = 0
  if (secretIn.length > 0 && accountSlotIn.length > 0) {
    const keys = JSON.parse(await readFile(join(testRelay.folder, 'relay', 'relay-keys.json'), 'utf8')) as {
      relayKey: string
    }
    const relayKey = Buffer.from(keys.relayKey, 'base64url')
    identities.add(
      unwrapAccountSlot(holdings.accountSlot, { relayKey, serverSecret: holdings.secret, shareId: holdings.shareId }),
    )
    opened += 1
  }
  for (const identity of ownerSlotIn.length > 0 ? [...identities] : []) {
    const inside = await openIdentity(holdings.ownerSlot, identity).catch(() => null)
    if (inside === null) continue
    identities.add(inside)
    opened += 1
  }
  for (const { name, bytes } of files)
    if (name.startsWith('objects') && bytes.subarray(0, AGE.length).toString('latin1') === AGE)
      for (const identity of identities)
        if ((await openSealedBytes(bytes, { identity }).catch(() => null)) !== null) opened += 1
  return { places: [...secretIn, ...accountSlotIn, ...ownerSlotIn], opened }
}

describe('what lies on the disk of a relay', () => {
  it('X1: the organisation’s private key never lies there, in a demonstration neither', async () => {
    const names = (await everyFile())
      .filter(({ name, bytes }) => bytes.includes('AGE-SECRET-KEY-1') && !name.endsWith('relay-keys.json'))
      .map(({ name }) => name)
    expect(names).toEqual([])
  })

  it.each([
    ['withdrawn', {}],
    ['expired', { validity: { kind: 'period', unit: 'day', count: 1 } }],
  ] as const)(
    'X1, W17: of a share that was %s, neither database nor log of changes nor objects nor keys open anything',
    async (how, terms) => {
      const share = await delivered(terms)
      const staying = await delivered({ validity: { kind: 'unlimited' } })
      const holdings = await whatIsHeld(share)
      // The statistics of a column contain some of its values.
      await database.query('ANALYZE')
      await database.query('CHECKPOINT')
      const control = await search(holdings)
      expect(control.places).not.toEqual([])
      expect(control.opened).toBe(1 + share.testPackage.files.length)
      if (how === 'withdrawn') await station.api.withdraw({ shareId: share.request.shareId, by: 'sample-technologist' })
      else {
        skewMs += 3 * DAY_MS
        await testRelay.relay.administration.expireDueShares()
      }
      await testRelay.relay.administration.eraseDestroyed()
      // The control repeated: the live share still opens with the relay's keys.
      expect((await search(await whatIsHeld(staying))).opened).toBe(1 + staying.testPackage.files.length)
      expect(await search(holdings)).toEqual({ places: [], opened: 0 })
      await station.api.withdraw({ shareId: staying.request.shareId, by: 'sample-technologist' })
      await testRelay.relay.administration.removeEnded()
      await testRelay.relay.administration.eraseDestroyed()
      expect((await everyFile()).filter(({ bytes }) => bytes.subarray(0, AGE.length).toString() === AGE)).toEqual([])
    },
  )

  it('X1: a withdrawal alone, with nobody asking for it, erases soon after', async () => {
    const share = await delivered()
    const holdings = await whatIsHeld(share)
    await station.api.withdraw({ shareId: share.request.shareId, by: 'sample-technologist' })
    await expect.poll(async () => (await search(holdings)).places, { interval: 2_000 }).toEqual([])
  })
})

/** Returns a download of which the first bytes were read. */
async function begunDownload(more: Partial<ConfirmRequest> = {}, grant = someRecipient()) {
  const testPackage = await makePackage(station, [{ path: 'README.TXT', bytes: randomBytes(12 * MIB) }])
  await uploadPackage(testRelay.fetch, station, testPackage)
  const request = await deliver(testPackage, { grants: [grant], ...more })
  const [mail] = await shownMessages(testRelay.fetch, grant.email, 1)
  const token = tokenIn(mail?.body ?? '')
  const page = browser(testRelay.fetch)
  if (grant.twoFactor) {
    await page.portal.sendOtp({ token })
    const [text] = await shownMessages(testRelay.fetch, grant.mobile, 1)
    await page.portal.open({ token, otp: /\d{6}/.exec(text?.body ?? '')?.[0] ?? '' })
  } else await page.portal.open({ token })
  const reader = (await page.get('/download')).body!.getReader()
  await reader.read()
  return { shareId: request.shareId, token, reader }
}

/** Returns the remaining bytes, until the end or a failure. */
async function remainingBytes(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ bytes: number; failed: boolean }> {
  for (let bytes = 0; ; ) {
    const next = await reader.read().catch(() => null)
    if (next === null || next.done) return { bytes, failed: next === null }
    bytes += next.value.length
  }
}

describe('a download under way', () => {
  it('W17: stops with the withdrawal, also when nobody reads on', async () => {
    const { shareId, reader } = await begunDownload()
    await station.api.withdraw({ shareId, by: 'sample-technologist' })
    await expect(reader.closed).rejects.toThrow()
    expect(await remainingBytes(reader)).toEqual({ bytes: 0, failed: true })
  })

  it('U22: stops at the instant at which the share expires, before the job that ends it', async () => {
    const { reader } = await begunDownload({ validity: { kind: 'period', unit: 'day', count: 1 } })
    skewMs += 3 * DAY_MS
    expect(await remainingBytes(reader)).toEqual({ bytes: 0, failed: true })
  })

  it('U8: stops when its recipient is blocked, and no other recipient’s does', async () => {
    const blocked = await begunDownload({}, someRecipient({ twoFactor: true }))
    const beside = await begunDownload()
    skewMs += 60_000
    await browser(testRelay.fetch).portal.sendOtp({ token: blocked.token })
    for (let tries = 0; tries < 5; tries += 1)
      await codeOfFailure(browser(testRelay.fetch).portal.open({ token: blocked.token, otp: 'wrong' }))
    await expect(blocked.reader.closed).rejects.toThrow()
    const { bytes, failed } = await remainingBytes(beside.reader)
    expect([bytes > 11 * MIB, failed]).toEqual([true, false])
  })

  it('W17: stops within a few megabytes when the announcement of the end was lost', async () => {
    const { shareId, reader } = await begunDownload()
    await database.query("UPDATE share SET ended_at = now(), ended_by = 'withdrawn' WHERE share_id = $1", [shareId])
    const { bytes, failed } = await remainingBytes(reader)
    expect([bytes < 5 * MIB, failed]).toEqual([true, true])
  })
})

describe('a package whose shares end', () => {
  it('X1: keeps its owner slot and its images until the last live share has ended', async () => {
    await testRelay.relay.administration.removeEnded()
    const { testPackage, request } = await delivered()
    const second = await deliver(testPackage)
    const rows = async (): Promise<number> => {
      const { rows: found } = await database.query('SELECT 1 FROM owner_slot WHERE package_id = $1', [
        testPackage.packageId,
      ])
      return found.length
    }
    await station.api.withdraw({ shareId: request.shareId, by: 'sample-technologist' })
    expect([await rows(), await testRelay.relay.administration.removeEnded()]).toEqual([1, 0])
    await station.api.withdraw({ shareId: second.shareId, by: 'sample-technologist' })
    expect([await rows(), await testRelay.relay.administration.removeEnded()]).toEqual([0, 1])
  })

  it.each(['before', 'after'] as const)(
    'U25: is shared again %s its images were removed, and uploaded anew where they are gone',
    async (when) => {
      const { testPackage, request } = await delivered()
      await station.api.withdraw({ shareId: request.shareId, by: 'sample-technologist' })
      if (when === 'after') {
        expect(await testRelay.relay.administration.removeEnded()).toBe(1)
        expect(await codeOfFailure(deliver(testPackage))).toBe('upload-not-found')
        await uploadPackage(testRelay.fetch, station, testPackage)
      }
      const grant = someRecipient()
      await deliver(testPackage, { grants: [grant] })
      expect(await testRelay.relay.administration.removeEnded()).toBe(0)
      const [mail] = await shownMessages(testRelay.fetch, grant.email, 1)
      const page = browser(testRelay.fetch)
      await page.portal.open({ token: tokenIn(mail?.body ?? '') })
      const download = await page.get('/download')
      expect((await download.arrayBuffer()).byteLength).toBe(Number(download.headers.get('content-length')))
    },
  )

  it('U25: withdrawn, removed and shared again at once in any order, a live share always has its images', async () => {
    const testPackage = await makePackage(station)
    for (let round = 0; round < 6; round += 1) {
      await uploadPackage(testRelay.fetch, station, testPackage)
      const first = await deliver(testPackage)
      const again = confirmRequest(testPackage, { grants: [someRecipient()] })
      const [, , answer] = await Promise.all([
        station.api.withdraw({ shareId: first.shareId, by: 'sample-technologist' }),
        testRelay.relay.administration.removeEnded(),
        codeOfFailure(station.api.confirm(again)),
      ])
      expect(['no failure', 'upload-not-found', 'offset-mismatch']).toContain(answer)
      await testRelay.relay.administration.removeEnded()
      if (answer !== 'no failure') {
        await uploadPackage(testRelay.fetch, station, testPackage)
        await station.api.confirm(again)
      }
      const { rows } = await database.query('SELECT 1 FROM owner_slot WHERE package_id = $1', [testPackage.packageId])
      expect(rows).toHaveLength(1)
      expect(await codeOfFailure(deliver(testPackage))).toBe('no failure')
      const live = await database.query<{ share_id: string }>(
        'SELECT share_id FROM share WHERE package_id = $1 AND ended_at IS NULL',
        [testPackage.packageId],
      )
      for (const { share_id: shareId } of live.rows) await station.api.withdraw({ shareId, by: 'sample-technologist' })
    }
  })
})
