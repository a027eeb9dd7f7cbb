import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryText, type AuditEntry } from '../../src-core/audit/audit-entry.ts'
import { appended } from '../../src-core/audit/log-check.ts'
import { EMPTY_TREE } from '../../src-core/audit/merkle-tree.ts'
import { PROTOCOL } from '../../src-core/contract/protocol.ts'
import type { WitnessState } from '../../src-core/contract/relay.ts'
import type { LogVerdict } from '../../src-core/contract/workstation.ts'
import { sha256 } from '../../src-engine/audit/sha256.ts'
import { shareOf } from '../../tests/support/share.ts'
import { verdictText } from '../cli/audit-commands.ts'
import { migrate } from '../storage/database.ts'
import type { StoredWitnessState } from '../ports/stored-json.ts'
import { AuditLog } from '../storage/ledger/audit-log.ts'
import { LEDGER_MIGRATIONS } from '../storage/ledger/ledger-database.ts'
import type { KnownEnrolment } from '../storage/ledger/staff-repository.ts'
import { verifyLog, type VerifyOptions } from './verify-log.ts'

const ENTRIES = 60
const AT = '2026-11-21T10:00:00.000Z'
const WORKSTATION = '5a3f1c20-0000-4000-8000-000000000001'

const entry = (index: number): AuditEntry => ({
  at: new Date(Date.parse(AT) + index * 60_000).toISOString(),
  actor: { kind: 'staff', id: 's1', name: index % 3 === 0 ? 'SAMPLE, Ada' : 'SAMPLE, Tess' },
  organisationId: 'o',
  departmentId: 'd',
  workstationId: WORKSTATION,
  action: index === 0 ? 'enrol' : index % 5 === 4 ? 'withdraw' : 'share',
  subject: index === 0 ? WORKSTATION : `share-${index}`,
  detail: {},
})

/** Copies of the ledger after each entry, as a thief of an older copy would have them. */
const copies: Buffer[] = []
const heads: string[] = []
{
  const database = new Database(':memory:')
  migrate(database, LEDGER_MIGRATIONS)
  const audit = new AuditLog(database)
  for (let count = 0; count <= ENTRIES; count += 1) {
    if (count > 0) audit.append(entry(count - 1))
    copies.push(database.serialize())
    heads.push(audit.verify().head)
  }
}
const headOf = (entries: number) => ({ entries, head: heads[entries] as string, at: AT })

const linesOf = (database: Database.Database): string[] =>
  database
    .prepare<[], { entry: string }>('SELECT entry FROM audit_entry ORDER BY entryIndex')
    .all()
    .map((row) => row.entry)

function dropTriggers(database: Database.Database): void {
  const triggers = database.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all()
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`)
}

/** Replaces all entries by others, each with its correct hash, and builds the tree over them. This needs no key. */
function rebuild(database: Database.Database, change: (lines: string[]) => string[]): void {
  const { rows, tree } = appended(sha256, EMPTY_TREE, change(linesOf(database)))
  dropTriggers(database)
  database.exec('DELETE FROM audit_entry; DELETE FROM audit_tree')
  for (const row of rows)
    database
      .prepare('INSERT INTO audit_entry (entryIndex, entry, leafHash) VALUES (?, ?, ?)')
      .run(row.entryIndex, row.entry, row.leafHash)
  if (rows.length > 0)
    database.prepare('INSERT INTO audit_tree VALUES (1, ?, ?, ?)').run(tree.entries, tree.subtrees, tree.head)
}

interface Attack {
  readonly name: string
  /** Changes the database as the attacker does; `place` is the number of any entry. */
  readonly run: (database: Database.Database, place: number) => Database.Database | undefined
  /** Whether the enrolment is lost with the database. */
  readonly withoutEnrolment?: true
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'all entries and the tree deleted',
    run: (database) => (dropTriggers(database), void database.exec('DELETE FROM audit_entry; DELETE FROM audit_tree')),
  },
  {
    name: 'all entries deleted',
    run: (database) => (dropTriggers(database), void database.exec('DELETE FROM audit_entry')),
  },
  {
    name: 'cut at the end',
    run: (database, place) =>
      void (dropTriggers(database), database.prepare('DELETE FROM audit_entry WHERE entryIndex >= ?').run(place)),
  },
  {
    name: 'cut at the end, tree rebuilt',
    run: (database, place) => rebuild(database, (lines) => lines.slice(0, place)) as undefined,
  },
  {
    name: 'one entry edited',
    run: (database, place) =>
      void (dropTriggers(database),
      database
        .prepare(`UPDATE audit_entry SET entry = json_set(entry, '$.subject', 'else') WHERE entryIndex = ?`)
        .run(place)),
  },
  {
    name: 'one entry edited, tree rebuilt',
    run: (database, place) =>
      rebuild(database, (lines) =>
        lines.map((line, i) => (i === place ? line.replace('share-', 'other-') : line)),
      ) as undefined,
  },
  {
    name: 'two entries exchanged, tree rebuilt',
    run: (database, place) =>
      rebuild(database, (lines) => {
        const other = (place + 1) % lines.length
        return lines.map((line, i) => (i === place ? lines[other]! : i === other ? lines[place]! : line))
      }) as undefined,
  },
  {
    name: 'one entry taken out, tree rebuilt',
    run: (database, place) => rebuild(database, (lines) => lines.filter((_, i) => i !== place)) as undefined,
  },
  {
    name: 'withdrawals removed and names rewritten, tree rebuilt',
    run: (database) =>
      rebuild(database, (lines) =>
        lines.filter((line) => !line.includes('"withdraw"')).map((line) => line.replace('Ada', 'Tess')),
      ) as undefined,
  },
  { name: 'an older copy put back', run: (_, place) => new Database(copies[place]) },
  {
    name: 'a fresh database with the enrolment',
    run: () => {
      const fresh = new Database(':memory:')
      migrate(fresh, LEDGER_MIGRATIONS)
      return fresh
    },
  },
  {
    name: 'a fresh database',
    withoutEnrolment: true,
    run: () => {
      const fresh = new Database(':memory:')
      migrate(fresh, LEDGER_MIGRATIONS)
      return fresh
    },
  },
  {
    name: 'a fresh database with as many other entries',
    run: () => {
      const fresh = new Database(':memory:')
      migrate(fresh, LEDGER_MIGRATIONS)
      new AuditLog(fresh).append(...Array.from({ length: ENTRIES }, (_, i) => ({ ...entry(i), subject: 'forged' })))
      return fresh
    },
  },
]

const RELAY = 'https://relay.example.org'
const enrolment = {
  relayUrl: RELAY,
  workstation: { workstationId: WORKSTATION, name: 'w' },
  protocol: PROTOCOL,
} as KnownEnrolment

interface Seat {
  readonly database: Database.Database
  /** The relay's answer; null when there is no connection. */
  readonly relay: WitnessState | null
  readonly enrolled?: boolean
  readonly token?: string | null
}

function verify({ database, relay, enrolled = true, token = 'token' }: Seat): Promise<LogVerdict> {
  const fetch = () =>
    relay === null ? Promise.reject(new TypeError('fetch failed')) : Promise.resolve(Response.json({ json: relay }))
  return verifyLog({
    storage: { audit: new AuditLog(database), staff: { enrolment: () => (enrolled ? enrolment : null) } },
    host: { now: () => new Date(AT), fetch, secrets: { locked: false, get: () => Promise.resolve(token) } },
  } as unknown as VerifyOptions)
}
const keeping = (entries: number, more: Partial<WitnessState> = {}): WitnessState => ({
  witnessed: entries === 0 ? null : headOf(entries),
  alarm: null,
  restoredOver: null,
  ...more,
})

/** Whether the entries that the relay has witnessed are the original ones, and the log is consistent in itself. */
function stands(database: Database.Database, witnessed: number): boolean {
  const lines = linesOf(database)
  const original = Array.from({ length: witnessed }, (_, index) => entryText(entry(index)))
  return new AuditLog(database).verify().ok && original.every((line, index) => line === lines[index])
}

describe('W7: attacks on the audit log', () => {
  it.each(ATTACKS)('W7: $name: found up to the last head of the relay', async ({ run, withoutEnrolment }) => {
    const places = fc.tuple(fc.integer({ min: 0, max: ENTRIES - 1 }), fc.integer({ min: 1, max: ENTRIES }))
    await fc.assert(
      fc.asyncProperty(places, async ([place, witnessed]) => {
        const original = new Database(copies[ENTRIES])
        const database = run(original, place) ?? original
        const left = linesOf(database).length
        const verdict = await verify({ database, relay: keeping(witnessed), enrolled: withoutEnrolment !== true })
        const unnoticed = stands(database, witnessed) && withoutEnrolment !== true
        expect(verdict.ok, `place ${place}, witnessed ${witnessed}: ${verdict.finding}`).toBe(unnoticed)
        if (!unnoticed) return
        expect(verdict).toMatchObject({ finding: 'consistent', comparedWith: 'relay', notWitnessed: left - witnessed })
        if (left > witnessed)
          expect(verdictText(verdict)).toMatch(
            new RegExp(`${left - witnessed} entr(y|ies) not yet witnessed since ${AT}`),
          )
      }),
      { seed: 9, numRuns: shareOf(400) },
    )
  })

  it('W7: every attack that changes a witnessed entry is found, wherever the last head is', async () => {
    for (const { name, run, withoutEnrolment } of ATTACKS) {
      const original = new Database(copies[ENTRIES])
      const database = run(original, 10) ?? original
      const verdict = await verify({ database, relay: keeping(ENTRIES), enrolled: withoutEnrolment !== true })
      expect(verdict.ok, name).toBe(false)
      expect(verdict.finding, name).not.toBe('not-compared')
    }
  })
})

describe('W7: what a check of the log says', () => {
  it('W7: an enrolled workstation with an empty log is not ok, with and without a relay', async () => {
    for (const relay of [keeping(0), null])
      expect(await verify({ database: new Database(copies[0]), relay })).toMatchObject({
        ok: false,
        finding: 'emptied',
      })
  })

  it('W7: later entries are counted as not witnessed, since the last head', async () => {
    const verdict = await verify({ database: new Database(copies[ENTRIES]), relay: keeping(41) })
    expect(verdict).toMatchObject({ ok: true, notWitnessed: 19, notWitnessedSince: AT })
    expect(verdictText(verdict)).toContain(`19 entries not yet witnessed since ${AT}.`)
  })

  it('W7: without an answer of the relay nothing is ok, and the last answer is still compared', async () => {
    const database = new Database(copies[ENTRIES])
    expect(await verify({ database, relay: null })).toMatchObject({
      ok: false,
      finding: 'not-compared',
      reason: 'offline',
      comparedWith: null,
      notWitnessed: ENTRIES,
    })
    const kept = (entries: number, workstationId = WORKSTATION): StoredWitnessState => ({
      ...keeping(entries),
      workstationId,
      askedAt: AT,
    })
    new AuditLog(database).keepWitness(kept(30))
    const offline = await verify({ database, relay: null })
    expect(offline).toMatchObject({ ok: false, finding: 'not-compared', comparedWith: 'kept-answer', notWitnessed: 30 })
    expect(verdictText(offline)).toContain('could not be compared now (offline)')
    rebuild(database, (lines) => lines.slice(0, 20))
    expect(await verify({ database, relay: null })).toMatchObject({ finding: 'shortened' })
    new AuditLog(database).keepWitness(kept(30, 'another'))
    expect(await verify({ database, relay: null })).toMatchObject({ finding: 'not-compared', comparedWith: null })
  })

  it('W7: an alarm that the relay keeps is no ok, and a relay that keeps nothing vouches for nothing', async () => {
    const database = new Database(copies[ENTRIES])
    const relay = keeping(ENTRIES, { alarm: headOf(3) })
    expect(await verify({ database, relay })).toMatchObject({ ok: false, finding: 'alarm' })
    expect(await verify({ database, relay: keeping(0) })).toMatchObject({
      finding: 'not-compared',
      reason: 'nothing-witnessed',
    })
  })

  it('W7: a workstation that was never enrolled has nothing to compare with', async () => {
    const seat = { database: new Database(copies[0]), relay: null, enrolled: false }
    expect(await verify({ ...seat, token: null })).toMatchObject({ finding: 'not-compared', reason: 'not-enrolled' })
    expect(await verify(seat)).toMatchObject({ finding: 'enrolment-missing' })
  })
})
