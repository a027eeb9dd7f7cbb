import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { record } from '../../src-relay/audit/relay-log.ts'
import { appendEvent, wakeFeeds } from '../../src-relay/feed/feed-events.ts'
import { openFeed, type Feed } from '../../src-relay/feed/feed.ts'
import type { DatabaseTransaction, OpenDatabase } from '../../src-relay/ports/database.ts'
import type { Notifications } from '../../src-relay/ports/notifications.ts'
import { openDatabase } from '../../src-relay/storage/database.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src-relay/storage/embedded-postgres.ts'
import { openNotifications } from '../../src-relay/storage/listen.ts'
import { eventually } from '../support/eventually.ts'
import { shareOf } from '../support/share.ts'
import { finishesUnblocked, PUBLIC_URL, temporaryFolder } from './relay-support.ts'

const id = (number: number): string => `5a3f1c20-0000-4000-8000-${String(number).padStart(12, '0')}`
const [RADIOLOGY, CARDIOLOGY] = [id(2), id(3)]
const token = (number: number): string => String(number).padStart(43, 't')

let temporary: { folder: string; remove(): Promise<void> }
let postgres: EmbeddedPostgres
let database: OpenDatabase
let notifications: Notifications
let feed: Feed | undefined
let workstations = 0
/** A check so seldom that no test sees one. */
const NEVER_MS = 3_600_000

const open = (checkMs: number, heard: Notifications = notifications): Promise<Feed> =>
  openFeed({ db: database.db, notifications: heard, config: {} }, checkMs)

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
  /** Of the events told so far. */
  cursors(): number[]
  stop(): Promise<void>
}

/** Returns a workstation of a department with its feed, which has received everything so far. */
async function listening(department: string, by: Feed = feed!): Promise<Listening> {
  workstations += 1
  const workstationId = id(100 + workstations)
  const bearer = token(workstations)
  await database.pool.query("INSERT INTO workstation VALUES ($1, $2, 'Room', $3, '\\x00', 'age1', now(), NULL, NULL)", [
    workstationId,
    department,
    createHash('sha256').update(bearer).digest(),
  ])
  const response = await by.serve(new Request(`${PUBLIC_URL}/feed`, { headers: { authorization: `Bearer ${bearer}` } }))
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
  const cursors = (): number[] => [...received.matchAll(/^id: (\d+)$/gm)].map(([, cursor]) => Number(cursor))
  return { workstationId, told, cursors, stop: () => reader.cancel() }
}

/** Records every query of the process that names a table of the feed, with its values, from now on. */
function queriesOfFeed(): { text: string; values: readonly unknown[] }[] {
  const recorded: { text: string; values: readonly unknown[] }[] = []
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const [config, values = []] = given as [string | { text: string; values?: unknown[] }, unknown[]?]
    const text = typeof config === 'string' ? config : config.text
    if (/^select .*from "(workstation|feed_event)"/s.test(text))
      recorded.push({ text, values: typeof config === 'string' ? values : (config.values ?? values) })
    return query.apply(this, given) as never
  })
  return recorded
}

const happen = (departmentId: string, reason: string, workstationId?: string): Promise<void> =>
  database.db.transaction().execute((transaction) => append(transaction, departmentId, reason, workstationId))

const append = (
  transaction: DatabaseTransaction,
  departmentId: string,
  reason: string,
  workstationId?: string,
): Promise<void> =>
  appendEvent(transaction, {
    type: 'policy',
    departmentId,
    at: new Date(),
    reason,
    ...(workstationId !== undefined && { workstationId }),
  })

/** An event that no notification tells of. */
const happenSilently = (departmentId: string, reason: string): Promise<unknown> =>
  database.pool.query("INSERT INTO feed_event (at, type, department_id, reason) VALUES (now(), 'policy', $1, $2)", [
    departmentId,
    reason,
  ])

/** Of every event that all workstations of the department are told. */
const storedCursors = async (departmentId: string): Promise<number[]> => {
  const { rows } = await database.pool.query<{ cursor: number }>(
    'SELECT cursor FROM feed_event WHERE department_id = $1 AND workstation_id IS NULL ORDER BY cursor',
    [departmentId],
  )
  return rows.map(({ cursor }) => cursor)
}

describe('the feed of many workstations', () => {
  it('X12: a notification without an event wakes the feeds of its own department, and none of another', async () => {
    feed = await open(NEVER_MS)
    const radiology = await listening(RADIOLOGY)
    const cardiology = await listening(CARDIOLOGY)
    await happenSilently(RADIOLOGY, 'first')
    await happenSilently(CARDIOLOGY, 'first')
    const queries = queriesOfFeed()
    await database.db.transaction().execute((transaction) => wakeFeeds(transaction, RADIOLOGY))
    expect(await radiology.told('"first"')).toBe(true)
    const asked = (by: Listening): number => queries.filter(({ values }) => values.includes(by.workstationId)).length
    expect([asked(radiology), asked(cardiology)]).toEqual([1, 0])
    await database.db.transaction().execute((transaction) => wakeFeeds(transaction, CARDIOLOGY))
    expect(await cardiology.told('"first"')).toBe(true)
    expect([asked(radiology), asked(cardiology)]).toEqual([1, 1])
    await Promise.all([radiology.stop(), cardiology.stop()])
  })

  it('X12: while nothing happens one query asks for all feeds of the process, however many are open', async () => {
    feed = await open(20)
    const streams = await Promise.all(
      Array.from({ length: 12 }, (_, index) => listening(index % 2 === 0 ? RADIOLOGY : CARDIOLOGY)),
    )
    const checks = queriesOfFeed()
    const settled = async (): Promise<boolean> => {
      const from = checks.length
      await eventually(() => checks.length >= from + 5)
      return checks.slice(from, from + 5).every(({ values }) => values.length >= streams.length)
    }
    await eventually(settled)
    await Promise.all(streams.map((stream) => stream.stop()))
  })

  it('W18: the feed of a workstation that was revoked ends, also when no notification told of it', async () => {
    feed = await open(20)
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

  it('W18: the notification of a revocation ends the feed before a later event is told', async () => {
    feed = await open(NEVER_MS)
    const revoked = await listening(RADIOLOGY)
    const kept = await listening(RADIOLOGY)
    await database.db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('workstation')
        .set({ revoked_at: new Date() })
        .where('workstation_id', '=', revoked.workstationId)
        .execute()
      await wakeFeeds(transaction, RADIOLOGY)
    })
    await happen(RADIOLOGY, 'after the end')
    expect(await kept.told('"after the end"')).toBe(true)
    expect(await revoked.told('"after the end"')).toBe(false)
    await kept.stop()
  })

  it('S9: an event whose notification was lost is told all the same', async () => {
    feed = await open(20)
    const radiology = await listening(RADIOLOGY)
    await happenSilently(RADIOLOGY, 'silent')
    expect(await radiology.told('"silent"')).toBe(true)
    await radiology.stop()
  })
})

describe('events that travel in the notification', () => {
  it('S9, X12: a feed that is caught up tells an event without a query, also after events for others', async () => {
    feed = await open(NEVER_MS)
    const named = await listening(RADIOLOGY)
    const colleague = await listening(RADIOLOGY)
    const [namedBefore, colleagueBefore] = [named.cursors().length, colleague.cursors().length]
    const queries = queriesOfFeed()
    await happen(RADIOLOGY, 'for both')
    await happen(RADIOLOGY, 'for one', named.workstationId)
    await happen(CARDIOLOGY, 'elsewhere')
    await happen(RADIOLOGY, 'for both again')
    expect(await named.told('"for both again"')).toBe(true)
    expect(await colleague.told('"for both again"')).toBe(true)
    expect(named.cursors().length - namedBefore).toBe(3)
    expect(colleague.cursors().length - colleagueBefore).toBe(2)
    expect(queries).toEqual([])
    await Promise.all([named.stop(), colleague.stop()])
  })

  it('S9: a feed that missed a notification asks the database, and tells every event once and in order', async () => {
    feed = await open(NEVER_MS)
    const radiology = await listening(RADIOLOGY)
    const queries = queriesOfFeed()
    await happenSilently(RADIOLOGY, 'missed')
    await happen(RADIOLOGY, 'heard')
    expect(await radiology.told('"heard"')).toBe(true)
    expect(queries.filter(({ values }) => values.includes(radiology.workstationId))).toHaveLength(1)
    expect(radiology.cursors()).toEqual(await storedCursors(RADIOLOGY))
    await radiology.stop()
  })

  it('S9: an event that is too long for a notification is told all the same', async () => {
    feed = await open(NEVER_MS)
    const radiology = await listening(RADIOLOGY)
    const long = '€'.repeat(3000)
    await happen(RADIOLOGY, long)
    expect(await radiology.told(long)).toBe(true)
    await radiology.stop()
  })

  it('S9: a feed that is read slowly keeps few events and tells them all', async () => {
    feed = await open(NEVER_MS)
    const radiology = await listening(RADIOLOGY)
    const queries = queriesOfFeed()
    await database.db.transaction().execute(async (transaction) => {
      for (let count = 0; count < 300; count += 1) await append(transaction, RADIOLOGY, `many ${count}`)
    })
    await happen(RADIOLOGY, 'the last of many')
    expect(await radiology.told('"the last of many"')).toBe(true)
    expect(radiology.cursors()).toEqual(await storedCursors(RADIOLOGY))
    expect(queries.length).toBeLessThan(10)
    await radiology.stop()
  })
})

describe('departments at the same time', () => {
  it('X12: a transaction of one department that is under way holds up no event or entry of another', async () => {
    const committed = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const underWay = database.db.transaction().execute(async (transaction) => {
      await append(transaction, RADIOLOGY, 'under way')
      begun.resolve()
      await committed.promise
    })
    await begun.promise
    const act = { at: new Date(), actor: { kind: 'program', id: 'x' }, action: 'enrol', detail: {} } as const
    const elsewhere = happen(CARDIOLOGY, 'elsewhere')
    const entry = database.db.transaction().execute((transaction) => record(transaction, act))
    const unblocked = await finishesUnblocked(database.pool, Promise.all([elsewhere, entry]))
    // The order of the cursors needs this one to wait.
    const same = happen(RADIOLOGY, 'next')
    const waited = !(await finishesUnblocked(database.pool, same))
    committed.resolve()
    await Promise.all([underWay, elsewhere, entry, same])
    expect([unblocked, waited]).toEqual([true, true])
  })

  const transaction = fc.record({
    departmentId: fc.constantFrom(RADIOLOGY, CARDIOLOGY),
    events: fc.integer({ min: 1, max: 3 }),
    /** Queries before and after the events, which let other transactions overtake this one. */
    before: fc.nat(3),
    after: fc.nat(3),
    commits: fc.boolean(),
  })

  it('S9: concurrent transactions: each feed tells the committed events once, in cursor order', async () => {
    feed = await open(NEVER_MS)
    // Of this one every notification arrives unreadable, so that it asks the database each time.
    const asking = await open(NEVER_MS, {
      ...notifications,
      subscribe: (channel, heard) => notifications.subscribe(channel, () => heard('{"departmentId":')),
    })
    const streams = await Promise.all(
      [RADIOLOGY, CARDIOLOGY].flatMap((departmentId) =>
        [feed!, asking].map(async (by) => ({ departmentId, stream: await listening(departmentId, by) })),
      ),
    )
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(transaction, { minLength: 2, maxLength: 10 }), async (transactions) => {
        round += 1
        await Promise.all(
          transactions.map(async ({ departmentId, events, before, after, commits }) => {
            const run = database.db.transaction().execute(async (open) => {
              for (let count = 0; count < before; count += 1) await sql`SELECT 1`.execute(open)
              for (let count = 0; count < events; count += 1) await append(open, departmentId, 'some')
              for (let count = 0; count < after; count += 1) await sql`SELECT 1`.execute(open)
              if (!commits) throw new Error('undone')
            })
            if (commits) await run
            else await expect(run).rejects.toThrow('undone')
          }),
        )
        for (const departmentId of [RADIOLOGY, CARDIOLOGY]) await happen(departmentId, `end of ${round}`)
        for (const { departmentId, stream } of streams) {
          expect(await stream.told(`"end of ${round}"`)).toBe(true)
          expect(stream.cursors()).toEqual(await storedCursors(departmentId))
        }
      }),
      { seed: 12, numRuns: shareOf(500) },
    )
    await Promise.all(streams.map(({ stream }) => stream.stop()))
    await asking.close()
  })
})
