import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../../src-core/audit/audit-entry.ts'
import { migrate } from '../database.ts'
import { AuditLog } from './audit-log.ts'
import { LEDGER_MIGRATIONS } from './ledger-database.ts'

const entry = (subject: string): AuditEntry => ({
  at: '2026-11-21T10:00:00Z',
  actor: { kind: 'staff', id: 'p1', name: 'SAMPLE, Tess' },
  organisationId: 'o',
  departmentId: 'd',
  workstationId: 'w',
  action: 'share',
  subject,
  detail: { b: 1, a: 2 },
})
let database: Database.Database
let audit: AuditLog
beforeEach(() => {
  database = new Database(':memory:')
  migrate(database, LEDGER_MIGRATIONS)
  audit = new AuditLog(database)
  audit.append(entry('s0'), entry('s1'))
  audit.append(entry('s2'))
})
/** Changes the log as a person with the file and a SQLite shell can; the triggers are dropped first. */
const tamper = (sql: string) => {
  for (const { name } of database
    .prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
    .all())
    database.exec(`DROP TRIGGER ${name}`)
  database.exec(sql)
}

const OTHER = '{"action":"share","at":"2026-11-21T10:00:00Z","subject":"s9"}'

describe('W7: the audit log', () => {
  it('W7: is append-only', () => {
    expect(() => database.exec(`UPDATE audit_entry SET entry = '{}'`)).toThrow('append-only')
    expect(() => database.exec('DELETE FROM audit_entry')).toThrow('append-only')
    expect(() =>
      database.exec(`INSERT INTO audit_entry (entryIndex, entry, leafHash) VALUES (9, '{}', zeroblob(32))`),
    ).toThrow('append-only')
    expect(() => database.exec('UPDATE audit_tree SET entries = 1')).toThrow('append-only')
    expect(() =>
      database.exec(`REPLACE INTO audit_entry (entryIndex, entry, leafHash) VALUES (1, '{}', zeroblob(32))`),
    ).toThrow('append-only')
  })

  it('W7: its head is the tree hash of RFC 9162, worked out by hand for three entries', () => {
    const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
    const line = (subject: string) =>
      Buffer.from(
        '{"action":"share","actor":{"id":"p1","kind":"staff","name":"SAMPLE, Tess"},' +
          '"at":"2026-11-21T10:00:00Z","departmentId":"d",' +
          `"detail":{"a":2,"b":1},"organisationId":"o","subject":"${subject}","workstationId":"w"}`,
      )
    const [a, b, c] = ['s0', 's1', 's2'].map((subject) => sha(Buffer.of(0), line(subject))) as [Buffer, Buffer, Buffer]
    expect(audit.verify()).toEqual({
      entries: 3,
      head: sha(Buffer.of(1), sha(Buffer.of(1), a, b), c).toString('hex'),
      ok: true,
      firstBroken: null,
      witnessed: null,
    })
    expect(audit.list(0, 1).rows[0]?.leafHash).toBe(c.toString('hex'))
  })

  it.each([
    [
      'an entry rewritten',
      `UPDATE audit_entry SET entry = json_set(entry, '$.actor.name', 'Else') WHERE entryIndex = 1`,
      1,
    ],
    [
      'an entry rewritten with its hash',
      `UPDATE audit_entry SET entry = '${OTHER}',
        leafHash = X'${createHash('sha256').update(`\0${OTHER}`).digest('hex')}' WHERE entryIndex = 1`,
      null,
    ],
    ['an entry gone from the middle', 'DELETE FROM audit_entry WHERE entryIndex = 1', 1],
    ['the last entry gone', 'DELETE FROM audit_entry WHERE entryIndex = 2', 2],
    ['all gone', 'DELETE FROM audit_entry', 0],
    ['a changed head', 'UPDATE audit_tree SET head = zeroblob(32)', null],
  ])('W7: verify notices %s', (_, sql, firstBroken) => {
    tamper(sql)
    expect(audit.verify()).toMatchObject({ ok: false, firstBroken })
  })
})
