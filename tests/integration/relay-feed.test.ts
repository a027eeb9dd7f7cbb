import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { appendEvent } from '../../src-relay/feed/feed-events.ts'
import { openFeed, type Feed } from '../../src-relay/feed/feed.ts'
import type { OpenDatabase } from '../../src-relay/ports/database.ts'
import type { Notifications } from '../../src-relay/ports/notifications.ts'
import { openDatabase } from '../../src-relay/storage/database.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src-relay/storage/embedded-postgres.ts'
import { openNotifications } from '../../src-relay/storage/listen.ts'
import { eventually } from '../support/eventually.ts'
import { PUBLIC_URL, temporaryFolder } from './relay-support.ts'

const id = (number: number): string => `5a3f1c20-0000-4000-8000-${String(number).padStart(12, '0')}`
const [RADIOLOGY, CARDIOLOGY] = [id(2), id(3)]
const token = (number: number): string => String(number).padStart(43, 't')

let temporary: { folder: string; remove(): Promise<void> }
let postgres: EmbeddedPostgres
let database: OpenDatabase
let notifications: Notifications
let feed: Feed | undefined
let workstations = 0

beforeAll(async () => {
  temporary = await temporaryFolder()
  postgres = await startEmbeddedPostgres(temporary.folder)
  database = await openDatabase(postgres.url)
  notifications = await openNotifications(database.pool)
  const { pool } = database
  await pool.query("INSERT INTO organisation VALUES ($1, 'Sample', 'age1sample')", [id(1)])
  for (const department of [RADIOLOGY, CARDIOLOGY])
    await pool.query("INSERT INTO department VALUES ($1, $2, 'Sample', '{}')", [department, id(1)])
})

afterEach(async () => {
  vi.restoreAllMocks()
  await feed?.close()
})

afterAll(async () => {
  await notifications.close()
  await database.close()
  await postgres.close()
  await temporary.remove()
})

interface Listening {
  readonly workstationId: string
  /** Resolves once the stream has sent a text; to false when it ends before. */
  told(text: string): Promise<boolean>
  stop(): Promise<void>
}

/** Returns a workstation of a department with its feed, which has received everything so far. */
async function listening(department: string): Promise<Listening> {
  workstations += 1
  const workstationId = id(100 + workstations)
  const bearer = token(workstations)
  await database.pool.query("INSERT INTO workstation VALUES ($1, $2, 'Room', $3, '\\x00', 'age1', now(), NULL, NULL)", [
    workstationId,
    department,
    createHash('sha256').update(bearer).digest(),
  ])
  const response = await feed!.serve(
    new Request(`${PUBLIC_URL}/feed`, { headers: { authorization: `Bearer ${bearer}` } }),
  )
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let received = ''
  const told = async (text: string): Promise<boolean> => {
    while (!received.includes(text)) {
      const { done, value = '' } = await reader.read()
      if (done) return false
      received += value
    }
    return true
  }
  await told(': caught up')
  return { workstationId, told, stop: () => reader.cancel() }
}

/** Records every query of the process that names a table of the feed, with its values, from now on. */
function queriesOfFeed(): { text: string; values: readonly unknown[] }[] {
  const recorded: { text: string; values: readonly unknown[] }[] = []
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const [config, values = []] = given as [string | { text: string; values?: unknown[] }, unknown[]?]
    const text = typeof config === 'string' ? config : config.text
    if (/from "(workstation|feed_event)"/.test(text))
      recorded.push({ text, values: typeof config === 'string' ? values : (config.values ?? values) })
    return query.apply(this, given) as never
  })
  return recorded
}

const happen = (departmentId: string, reason: string): Promise<void> =>
  database.db
    .transaction()
    .execute((transaction) => appendEvent(transaction, { type: 'policy', departmentId, at: new Date(), reason }))

describe('the feed of many workstations', () => {
  it('X12: an event wakes the feeds of its own department, and none of another', async () => {
    feed = await openFeed({ ...database, notifications }, 3_600_000)
    const radiology = await listening(RADIOLOGY)
    const cardiology = await listening(CARDIOLOGY)
    const queries = queriesOfFeed()
    await happen(RADIOLOGY, 'first')
    expect(await radiology.told('"first"')).toBe(true)
    await happen(CARDIOLOGY, 'second')
    expect(await cardiology.told('"second"')).toBe(true)
    const queriesBy = (by: Listening): number =>
      queries.filter(({ values }) => values.includes(by.workstationId)).length
    expect([queriesBy(radiology), queriesBy(cardiology)]).toEqual([1, 1])
    await Promise.all([radiology.stop(), cardiology.stop()])
  })

  it('X12: while nothing happens one query asks for all feeds of the process, however many are open', async () => {
    feed = await openFeed({ ...database, notifications }, 20)
    const open = await Promise.all(
      Array.from({ length: 12 }, (_, index) => listening(index % 2 === 0 ? RADIOLOGY : CARDIOLOGY)),
    )
    // The first check wakes each feed once, to compare what happened before it was opened with what it has sent.
    await happen(RADIOLOGY, 'before')
    await happen(CARDIOLOGY, 'before')
    await Promise.all(open.map((listener) => listener.told('"before"')))
    const checks = queriesOfFeed()
    const settled = async (): Promise<boolean> => {
      const from = checks.length
      await eventually(() => checks.length >= from + 5)
      return checks.slice(from, from + 5).every(({ values }) => values.length >= open.length)
    }
    await eventually(settled)
    await Promise.all(open.map((listener) => listener.stop()))
  })

  it('W18: the feed of a workstation that was revoked ends, also when no notification told of it', async () => {
    feed = await openFeed({ ...database, notifications }, 20)
    const revoked = await listening(RADIOLOGY)
    const kept = await listening(RADIOLOGY)
    await database.pool.query('UPDATE workstation SET revoked_at = now() WHERE workstation_id = $1', [
      revoked.workstationId,
    ])
    expect(await revoked.told('never told')).toBe(false)
    await happen(RADIOLOGY, 'afterwards')
    expect(await kept.told('"afterwards"')).toBe(true)
    await kept.stop()
  })

  it('S9: an event whose notification was lost is told all the same', async () => {
    feed = await openFeed({ ...database, notifications }, 20)
    const radiology = await listening(RADIOLOGY)
    await database.pool.query(
      "INSERT INTO feed_event (at, type, department_id, reason) VALUES (now(), 'policy', $1, 'silent')",
      [RADIOLOGY],
    )
    expect(await radiology.told('"silent"')).toBe(true)
    await radiology.stop()
  })
})
