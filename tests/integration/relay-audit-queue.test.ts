/** Entries of the relay's audit log between the commit of their act and their place in the log. */
import fc from 'fast-check'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { appended } from '../../src-core/audit/log-check.ts'
import { EMPTY_TREE } from '../../src-core/audit/merkle-tree.ts'
import { sha256 } from '../../src-engine/audit/sha256.ts'
import { examineRelayLog } from '../../src-relay/audit/examine.ts'
import { record } from '../../src-relay/audit/relay-log.ts'
import { AUDIT_CHANNEL, sequencePending } from '../../src-relay/audit/sequence-pending.ts'
import { openSequencer, type Sequencer } from '../../src-relay/audit/sequencer.ts'
import type { DatabaseTransaction, OpenDatabase } from '../../src-relay/ports/database.ts'
import type { Notifications } from '../../src-relay/ports/notifications.ts'
import { openDatabase } from '../../src-relay/storage/database.ts'
import { migrations } from '../../src-relay/storage/migrations/index.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src-relay/storage/embedded-postgres.ts'
import { openNotifications } from '../../src-relay/storage/listen.ts'
import { eventually } from '../support/eventually.ts'
import { shareOf } from '../support/share.ts'
import { finishesUnblocked, temporaryFolder } from './relay-support.ts'

/** A check so seldom that no test sees one. */
const NEVER_MS = 3_600_000

let place: { folder: string; remove(): Promise<void> }
let postgres: EmbeddedPostgres
let database: OpenDatabase
let databases = 0

beforeAll(async () => {
  place = await temporaryFolder()
  postgres = await startEmbeddedPostgres(place.folder)
})
afterAll(async () => {
  await postgres.close()
  await place.remove()
})

/** The address of an empty database in the same PostgreSQL. */
async function freshDatabase(): Promise<string> {
  databases += 1
  const admin = new pg.Client({ connectionString: postgres.url })
  await admin.connect()
  await admin.query(`CREATE DATABASE queue_${databases}`)
  await admin.end()
  return postgres.url.replace(/\/outpost$/, `/queue_${databases}`)
}

beforeEach(async () => {
  database = await openDatabase(await freshDatabase())
})
afterEach(async () => {
  vi.restoreAllMocks()
  await database.close()
})

const recordIn = (transaction: DatabaseTransaction, shareId: string): Promise<void> =>
  record(transaction, { at: new Date(0), actor: { kind: 'program', id: 'x' }, action: 'expired', shareId, detail: {} })

/** Acts one after the other, each with its entry. */
async function act(...shareIds: string[]): Promise<void> {
  for (const shareId of shareIds)
    await database.db.transaction().execute((transaction) => recordIn(transaction, shareId))
}

/** The shares of the entries of the log, in their order. */
async function logged(): Promise<string[]> {
  const { rows } = await database.pool.query<{ share: string }>(
    "SELECT entry::json->>'shareId' AS share FROM audit_entry ORDER BY entry_index",
  )
  return rows.map(({ share }) => share)
}

const hasPending = async (): Promise<boolean> =>
  (await database.pool.query('SELECT FROM audit_pending LIMIT 1')).rows.length > 0

/** Calls something once, right after the first query of this process that begins so. */
function afterQuery(beginning: RegExp, run: (client: pg.Client) => Promise<unknown>): void {
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown
  let due = true
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const text = typeof given[0] === 'string' ? given[0] : (given[0] as { text: string }).text
    const answer = query.apply(this, given)
    if (!due || !beginning.test(text)) return answer as never
    due = false
    return (async () => {
      const result = await answer
      await run(this)
      return result
    })() as never
  })
}

describe('pending entries of the audit log', () => {
  it('W7: a check misses no entry that is pending, and its head is continued by the next check', async () => {
    await act('a', 'b')
    expect(await logged()).toEqual([])
    const first = await examineRelayLog(database.db, null)
    expect(first).toMatchObject({ entries: 2, finding: 'not-compared' })
    await act('c')
    const witnessed = { entries: first.entries, head: Buffer.from(first.head, 'hex') }
    expect(await examineRelayLog(database.db, witnessed)).toMatchObject({ ok: true, entries: 3, notWitnessed: 1 })
    expect(await logged()).toEqual(['a', 'b', 'c'])
    expect(await hasPending()).toBe(false)
  })

  it('W7: an entry is never committed without its act', async () => {
    const undone = database.db.transaction().execute(async (transaction) => {
      await recordIn(transaction, 'undone')
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await hasPending()).toBe(false)
    expect((await examineRelayLog(database.db, null)).entries).toBe(0)
  })

  it('W7: a check waits for a sequencer that is under way, and then has its entries', async () => {
    await act('a')
    const [moved, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    afterQuery(/^insert into "audit_entry"/, () => {
      moved.resolve()
      return finish.promise
    })
    const sequenced = sequencePending(database.db, 'leave')
    await moved.promise
    await act('b')
    const checked = examineRelayLog(database.db, null)
    // Another sequencer does not wait, and moves nothing.
    await sequencePending(database.db, 'leave')
    const waited = !(await finishesUnblocked(database.pool, checked))
    finish.resolve()
    await sequenced
    expect([waited, (await checked).entries]).toEqual([true, 2])
    expect(await logged()).toEqual(['a', 'b'])
  })

  it('W7: the database refuses to change a pending entry, and to delete one that is not in the log', async () => {
    await act('a')
    for (const query of [
      "UPDATE audit_pending SET entry = '{}'",
      'DELETE FROM audit_pending',
      'TRUNCATE audit_pending',
    ])
      await expect(database.pool.query(query), query).rejects.toThrow('append-only')
    expect((await examineRelayLog(database.db, null)).entries).toBe(1)
  })

  it('W7: the database refuses to move an entry twice', async () => {
    await act('a')
    await sequencePending(database.db)
    const again =
      'INSERT INTO audit_entry SELECT entry_index + 1, entry, leaf_hash, pending_id FROM audit_entry ORDER BY 1'
    await expect(database.pool.query(again)).rejects.toMatchObject({ code: '23505' })
  })

  it('W7: a sequencer that dies at any of its steps loses no entry and moves none twice', async () => {
    const steps = [
      /^select .*from "audit_pending"/,
      /^insert into "audit_entry"/,
      /^insert into "audit_tree"/,
      /^delete from "audit_pending"/,
      /^commit/,
    ]
    const shares: string[] = []
    for (const [index, step] of steps.entries()) {
      shares.push(`${index} first`, `${index} second`)
      await act(`${index} first`, `${index} second`)
      // The end of its connection is what the database sees of a process that was killed.
      afterQuery(step, (client) => {
        const { processID } = client as unknown as { processID: number }
        return database.lockPool.query('SELECT pg_terminate_backend($1, 10000)', [processID])
      })
      await sequencePending(database.db).catch(() => undefined)
      vi.restoreAllMocks()
      expect(await hasPending(), String(step)).toBe(index < steps.length - 1)
      expect(await examineRelayLog(database.db, null)).toMatchObject({
        entries: shares.length,
        finding: 'not-compared',
      })
      expect(await logged()).toEqual(shares)
    }
  })

  it('W7: a log that was cut gets no further entries; the check finds the cut, and what is pending stays', async () => {
    await act('a', 'b')
    await sequencePending(database.db)
    await database.pool.query('ALTER TABLE audit_entry DISABLE TRIGGER USER')
    await database.pool.query('DELETE FROM audit_entry WHERE entry_index = 1')
    await act('c')
    await expect(sequencePending(database.db)).rejects.toThrow('do not fit')
    expect(await examineRelayLog(database.db, null)).toMatchObject({ ok: false, finding: 'changed' })
    expect([await logged(), await hasPending()]).toEqual([['a'], true])
  })

  it('W7, X1: a log that an earlier version wrote is continued, and fits the head that was kept of it', async () => {
    const url = await freshDatabase()
    const old = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) })
    const provider = { getMigrations: () => Promise.resolve(migrations) }
    await new Migrator({ db: old, provider }).migrateTo('0011-upload-tree')
    const { rows, tree } = appended(sha256, EMPTY_TREE, ['{"shareId":"a"}', '{"shareId":"b"}', '{"shareId":"c"}'])
    const head = Buffer.from(tree.head)
    for (const { entryIndex, entry, leafHash } of rows)
      await sql`INSERT INTO audit_entry VALUES (${entryIndex}, ${entry}, ${Buffer.from(leafHash)})`.execute(old)
    await sql`INSERT INTO audit_tree VALUES (1, ${tree.entries}, ${Buffer.from(tree.subtrees)}, ${head})`.execute(old)
    await old.destroy()
    await database.close()
    database = await openDatabase(url)
    await act('d')
    expect(await examineRelayLog(database.db, { entries: 3, head })).toMatchObject({ ok: true, notWitnessed: 1 })
    expect(await logged()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('W7: acts and sequencers at once: each entry is in the log once, those of one act in their order', async () => {
    const acts = fc.array(fc.record({ entries: fc.integer({ min: 1, max: 3 }), commits: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    })
    const sequencers = fc.array(fc.constantFrom('wait' as const, 'leave' as const), { minLength: 2, maxLength: 4 })
    const expected: string[] = []
    let round = 0
    await fc.assert(
      fc.asyncProperty(acts, sequencers, async (made, runs) => {
        round += 1
        const acting = made.map(async ({ entries, commits }, number) => {
          const names = Array.from({ length: entries }, (_, entry) => `${round}-${number}-${entry}`)
          if (commits) expected.push(...names)
          const run = database.db.transaction().execute(async (transaction) => {
            for (const name of names) await recordIn(transaction, name)
            if (!commits) throw new Error('undone')
          })
          await run.catch((error: Error) => expect(error.message).toBe('undone'))
        })
        await Promise.all([...acting, ...runs.map((whenBusy) => sequencePending(database.db, whenBusy))])
        const verdict = await examineRelayLog(database.db, null)
        expect(verdict).toMatchObject({ entries: expected.length, finding: 'not-compared' })
        const log = await logged()
        expect(log.toSorted()).toEqual(expected.toSorted())
        for (const number of made.keys()) {
          const ofAct = log.filter((name) => name.startsWith(`${round}-${number}-`))
          expect(ofAct).toEqual(ofAct.toSorted())
        }
      }),
      { seed: 4, numRuns: shareOf(500) },
    )
  })
})

describe('the sequencer of a process', () => {
  let notifications: Notifications
  let sequencer: Sequencer | undefined
  const lines: string[] = []

  beforeEach(async () => {
    lines.length = 0
    notifications = await openNotifications(database.pool)
  })
  afterEach(async () => {
    await sequencer?.close()
    sequencer = undefined
    await notifications.close()
  })

  const open = async (checkMs: number, heard: Notifications = notifications): Promise<Sequencer> =>
    openSequencer({ db: database.db, notifications: heard, config: { log: (line) => lines.push(line) } }, checkMs)
  const deaf: Notifications = { subscribe: () => Promise.resolve(() => {}), close: () => Promise.resolve() }

  it('W7: at its start it moves what an earlier process left, and then what it is notified of', async () => {
    await act('left behind')
    sequencer = await open(NEVER_MS)
    await eventually(async () => (await logged()).length === 1)
    await act('b', 'c')
    await eventually(async () => (await logged()).length === 3)
    expect(await logged()).toEqual(['left behind', 'b', 'c'])
    expect(lines).toEqual([])
  })

  it('W7: an entry whose notification was lost is moved all the same', async () => {
    sequencer = await open(20, deaf)
    await act('a')
    await eventually(async () => (await logged()).length === 1)
  })

  it('W7: two processes that are notified of the same entries move each of them once', async () => {
    sequencer = await open(NEVER_MS)
    const second = await open(NEVER_MS)
    const names = Array.from({ length: 40 }, (_, index) => `s${index}`)
    await Promise.all(names.map((name) => act(name)))
    await eventually(async () => !(await hasPending()))
    await second.close()
    expect((await logged()).toSorted()).toEqual(names.toSorted())
    expect(lines).toEqual([])
  })

  it('W7, W10: a failure is a line of the log without a value, and the next notification tries again', async () => {
    sequencer = await open(NEVER_MS)
    await database.pool.query('ALTER TABLE audit_tree RENAME TO audit_tree_away')
    await act('secret-share')
    await eventually(() => lines.length > 0)
    expect(lines[0]).toMatch(/^audit sequencer \w+ 42P01/)
    expect(lines.join()).not.toContain('secret-share')
    await database.pool.query('ALTER TABLE audit_tree_away RENAME TO audit_tree')
    await database.pool.query(`SELECT pg_notify('${AUDIT_CHANNEL}', '')`)
    await eventually(async () => (await logged()).length === 1)
  })
})
