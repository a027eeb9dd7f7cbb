/** Tests a workstation's audit log together with the heads that a relay keeps of it. */
import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../src-core/audit/audit-entry.ts'
import { headTeller } from '../../src-main/audit/tell-head.ts'
import { migrate } from '../../src-main/storage/database.ts'
import { AuditLog } from '../../src-main/storage/ledger/audit-log.ts'
import { LEDGER_MIGRATIONS } from '../../src-main/storage/ledger/ledger-database.ts'
import type { RelayClient } from '../../src-main/sync/relay-client.ts'
import { startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  codeOfFailure,
  enrolWorkstation,
  everyEntrySequenced,
  queryDatabase,
  relayApi,
  type TestWorkstation,
} from './relay-support.ts'

let relay: EnrolledRelay
let workstation: TestWorkstation
const logged: string[] = []

beforeAll(async () => {
  relay = await startEnrolledRelay({ config: { log: (line) => logged.push(line) } })
  workstation = relay.station
})
afterAll(() => relay.close())

const entry = (subject: string): AuditEntry => ({
  at: '2026-11-21T10:00:00Z',
  actor: { kind: 'staff', id: 's1', name: 'SAMPLE, Tess' },
  organisationId: 'o',
  departmentId: 'd',
  workstationId: 'w',
  action: 'share',
  subject,
  detail: {},
})

function openLog(copy?: Buffer): { database: Database.Database; audit: AuditLog } {
  const database = new Database(copy ?? ':memory:')
  migrate(database, LEDGER_MIGRATIONS)
  return { database, audit: new AuditLog(database) }
}

/** Makes one contact with a new client, as after each connection. */
function contact(audit: AuditLog, of: TestWorkstation): Promise<void> {
  const client = relayApi(relay.fetch, of.enrolment.token) as unknown as RelayClient
  const asynchronous = audit as unknown as Parameters<typeof headTeller>[0]['audit']
  const enrolment = { ...of.enrolment, relayUrl: 'http://relay.test' }
  return headTeller({ audit: asynchronous, enrolment: () => Promise.resolve(enrolment), now: () => new Date() })(client)
}

const keptRows = () =>
  queryDatabase(relay.folder, 'SELECT entries, kind FROM audit_head WHERE workstation_id = $1 ORDER BY head_id', [
    workstation.enrolment.workstation.workstationId,
  ])

describe('W7: heads of a workstation at the relay', () => {
  const { database, audit } = openLog()
  const client = () => relayApi(relay.fetch, workstation.enrolment.token)
  let backup: Buffer

  it('W7: each contact adds the head, and the same head is not added twice', async () => {
    for (const count of [1, 3, 8]) {
      audit.append(...Array.from({ length: count }, (_, index) => entry(`s${count}-${index}`)))
      await contact(audit, workstation)
      await contact(audit, workstation)
    }
    expect(await keptRows()).toEqual([1, 4, 12].map((entries) => ({ entries: String(entries), kind: 'continued' })))
    expect(await client().auditHeads()).toMatchObject({
      witnessed: { entries: 12, head: audit.verify().head },
      alarm: null,
    })
    expect(audit.keptWitness()).toMatchObject({ witnessed: { entries: 12 } })
    backup = database.serialize()
  })

  it('W7: the relay changes and deletes no head, not even when its own database is asked to', async () => {
    for (const query of ['UPDATE audit_head SET entries = 0', 'DELETE FROM audit_head', 'TRUNCATE audit_head'])
      await expect(queryDatabase(relay.folder, query), query).rejects.toThrow('append-only')
    expect(await keptRows()).toHaveLength(3)
  })

  it('W7: a late repetition of an earlier statement is no alarm', async () => {
    const late = audit.headStatement(4)
    expect(await client().witnessHead(late)).toMatchObject({ outcome: 'outdated', state: { alarm: null } })
  })

  it('W7: a statement with a proof of another log is an alarm, stored once, logged, and private', async () => {
    const forged = createHash('sha256').update('forged').digest('hex')
    const statement = { entries: 13, head: forged, from: 12, proof: [forged] }
    for (let again = 0; again < 2; again += 1)
      expect(await client().witnessHead(statement)).toMatchObject({
        outcome: 'inconsistent',
        state: { witnessed: { entries: 12 }, alarm: { entries: 13, head: forged } },
      })
    expect((await keptRows()).filter((row) => (row as { kind: string }).kind === 'alarm')).toHaveLength(1)
    expect(logged.filter((line) => line.startsWith('audit-alarm'))).toHaveLength(1)
    const colleague = await enrolWorkstation(relay.fetch, 'RADI-OLOG-0002')
    expect(await relayApi(relay.fetch, colleague.enrolment.token).auditHeads()).toMatchObject({
      witnessed: null,
      alarm: null,
    })
  })

  it('W7: an older copy put back is an alarm at its first contact, until an administrator accepts it', async () => {
    audit.append(entry('later'))
    await contact(audit, workstation)
    const restored = openLog(backup)
    expect(await codeOfFailure(contact(restored.audit, workstation))).toBe('audit-log-inconsistent')
    expect(restored.audit.keptWitness()).toMatchObject({ witnessed: { entries: 13 }, alarm: { entries: 12 } })
    await relay.relay.administration.acceptRestoredLog(workstation.enrolment.workstation.workstationId)
    await contact(restored.audit, workstation)
    expect(restored.audit.list(0, 1).rows[0]?.entry).toMatchObject({
      action: 'log-restored',
      detail: { entries: 12, knownBefore: 13 },
    })
    expect(await client().auditHeads()).toMatchObject({ witnessed: { entries: 13 }, alarm: null })
    await everyEntrySequenced(relay.folder)
    const rows = await queryDatabase(relay.folder, 'SELECT entry FROM audit_entry ORDER BY entry_index')
    expect((rows as { entry: string }[]).map((row) => row.entry).at(-1)).toContain('"log-restored"')
    // The relay now refuses the log that continued without the backup.
    expect(await codeOfFailure(contact(audit, workstation))).toBe('audit-log-inconsistent')
  })
})
