/** Tests the relay's own audit log: its entries, that it contains no names, and what a check of it finds. */
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RelayAuditEntry } from '../../src-core/audit/relay-entry.ts'
import { appended } from '../../src-core/audit/log-check.ts'
import { EMPTY_TREE } from '../../src-core/audit/merkle-tree.ts'
import { sha256 } from '../../src-engine/audit/sha256.ts'
import { examineRelayLog, withRelayDatabase } from '../../src-relay/audit/examine.ts'
import { record } from '../../src-relay/audit/relay-log.ts'
import { sequencePending } from '../../src-relay/audit/sequence-pending.ts'
import { openDatabase } from '../../src-relay/storage/database.ts'
import type { OpenDatabase } from '../../src-relay/ports/database.ts'
import { runningDatabase } from '../../src-relay/storage/embedded-postgres.ts'
import { shareOf } from '../support/share.ts'
import { mailedToken, shareOnce, startRelayInFolder, type RelayInFolder } from '../support/enrolled-relay.ts'
import {
  browser,
  codeOfFailure,
  enrolWorkstation,
  everyEntrySequenced,
  everyNoticeSent,
  queryDatabase,
  relayApi,
  shownMessages,
  someRecipient,
} from './relay-support.ts'

let relay: RelayInFolder
let url = ''

beforeAll(async () => {
  relay = await startRelayInFolder()
  url = (await runningDatabase(`${relay.folder}/relay`)) ?? ''
})
afterAll(() => relay.close())

async function entries(): Promise<RelayAuditEntry[]> {
  await everyEntrySequenced(relay.folder)
  const rows = await queryDatabase(relay.folder, 'SELECT entry FROM audit_entry ORDER BY entry_index')
  return (rows as { entry: string }[]).map((row) => JSON.parse(row.entry) as RelayAuditEntry)
}
const check = (witnessed: { entries: number; head: Buffer } | null = null) =>
  withRelayDatabase({ url }, (db) => examineRelayLog(db, witnessed))

describe('W7: the audit log of the relay', () => {
  it('W7: enrolment, confirmation, codes, opening, download, block, unblock, withdrawal and revocation', async () => {
    const { relay: running, fetch } = relay
    expect(
      await codeOfFailure(
        relayApi(fetch, null).enroll({
          code: 'WRON-GCOD-E000',
          workstationName: 'x',
          signingKey: 'A'.repeat(43),
          recipient: 'age1x',
        }),
      ),
    ).toBe('wrong-enrolment-code')
    const station = await enrolWorkstation(fetch, 'RADI-OLOG-0001')
    const grant = someRecipient({ twoFactor: true })
    const { request } = await shareOnce({ fetch, station }, { grants: [grant] })
    const token = await mailedToken(fetch, grant.email)
    const page = browser(fetch)
    await page.portal.sendOtp({ token })
    const [message] = await shownMessages(fetch, grant.mobile, 1)
    const code = /\d{6}/.exec(message?.body ?? '')?.[0] ?? ''
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    expect(await codeOfFailure(page.portal.open({ token, otp: wrong }))).toBe('otp-wrong')
    await page.portal.open({ token, otp: code })
    await (await page.get('/download')).arrayBuffer()
    const stranger = browser(fetch)
    await queryDatabase(relay.folder, "UPDATE one_time_password SET sent_at = sent_at - interval '1 hour'")
    await stranger.portal.sendOtp({ token }).catch(() => undefined)
    for (let again = 0; again < 5; again += 1) await stranger.portal.open({ token, otp: wrong }).catch(() => undefined)
    const { shareId } = request
    const by = 'sample-administrator'
    const [first] = station.enrolment.staff.filter(({ role }) => role === 'front-desk' || role === 'administrator')
    await station.api.unblock({ shareId, recipientId: grant.recipientId, by: first?.staffId ?? by })
    await station.api.withdraw({ shareId, by: first?.staffId ?? by })
    await running.administration.revokeWorkstation(station.enrolment.workstation.workstationId)
    await everyNoticeSent(relay.folder)
    const log = await entries()
    const actions = log.map(({ action }) => action)
    for (const action of [
      'started',
      'department',
      'enrol-refused',
      'enrol',
      'confirm',
      'notified',
      'code-sent',
      'code-wrong',
      'opened',
      'downloaded',
      'blocked',
      'unblocked',
      'withdrawn',
      'revoke',
    ])
      expect(actions, action).toContain(action)
    const of = (action: string) => log.find((entry) => entry.action === action)
    expect(of('withdrawn')).toMatchObject({ actor: { kind: 'staff', id: first?.staffId }, shareId })
    expect(of('unblocked')).toMatchObject({
      actor: { kind: 'staff', id: first?.staffId },
      recipientId: grant.recipientId,
    })
    expect(of('downloaded')).toMatchObject({ actor: { kind: 'recipient', id: grant.recipientId }, shareId })
    expect(of('confirm')?.detail).toMatchObject({ recipientIds: [grant.recipientId] })
    const text = JSON.stringify(log)
    for (const forbidden of [
      grant.email,
      grant.mobile,
      'Zandloper',
      token,
      code,
      ...request.exams.map((exam) => exam.initials),
    ])
      if (forbidden !== '') expect(text.includes(forbidden), 'a name, a contact or a secret in the log').toBe(false)
  })

  it('W7: an act and its entry are one transaction', async () => {
    const before = (await entries()).length
    const { db, close } = await openDatabase(url)
    const failed = db.transaction().execute(async (transaction) => {
      await record(transaction, { at: new Date(0), actor: { kind: 'program', id: 'x' }, action: 'enrol', detail: {} })
      throw new Error('undone')
    })
    await expect(failed).rejects.toThrow('undone')
    expect(await entries()).toHaveLength(before)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        db.transaction().execute((transaction) =>
          record(transaction, {
            at: new Date(0),
            actor: { kind: 'program', id: `x${index}` },
            action: 'enrol',
            detail: {},
          }),
        ),
      ),
    )
    await close()
    expect((await check()).entries).toBe(before + 20)
  })

  it('W7: no entry is changed, deleted or inserted, and the check of a running relay is never a bare ok', async () => {
    for (const query of [
      "UPDATE audit_entry SET entry = '{}'",
      'DELETE FROM audit_entry',
      'TRUNCATE audit_entry',
      "INSERT INTO audit_entry VALUES (99999, '{}', decode(repeat('00', 32), 'hex'))",
      'UPDATE audit_tree SET entries = 0',
      'DELETE FROM audit_tree',
      'TRUNCATE audit_tree',
    ])
      await expect(queryDatabase(relay.folder, query), query).rejects.toThrow('append-only')
    const verdict = await check()
    expect(verdict).toMatchObject({ ok: false, finding: 'not-compared', alarms: [] })
    const witnessed = { entries: verdict.entries, head: Buffer.from(verdict.head, 'hex') }
    expect(await check(witnessed)).toMatchObject({ ok: true, finding: 'consistent', notWitnessed: 0 })
  })
})

describe('W7: attacks on the audit log of the relay', () => {
  const COUNT = 40
  let database: OpenDatabase
  let client: pg.Client
  const lines: string[] = []
  const heads: Buffer[] = []

  beforeAll(async () => {
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    await admin.query('CREATE DATABASE attacked')
    await admin.end()
    const attacked = url.replace(/\/outpost$/, '/attacked')
    database = await openDatabase(attacked)
    for (let index = 0; index < COUNT; index += 1)
      await database.db.transaction().execute((transaction) =>
        record(transaction, {
          at: new Date(0),
          actor: { kind: 'staff', id: 'ada' },
          action: 'withdrawn',
          shareId: `s${index}`,
          detail: {},
        }),
      )
    await sequencePending(database.db)
    client = new pg.Client({ connectionString: attacked })
    await client.connect()
    const { rows } = await client.query<{ entry: string }>('SELECT entry FROM audit_entry ORDER BY entry_index')
    lines.push(...rows.map((row) => row.entry))
    for (let count = 0; count <= COUNT; count += 1)
      heads.push(Buffer.from(appended(sha256, EMPTY_TREE, lines.slice(0, count)).tree.head))
    for (const table of ['audit_entry', 'audit_tree']) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
  })
  afterAll(async () => {
    await client.end()
    await database.close()
  })

  /** Replaces all entries by others with the right hashes, as the owner of the database could. */
  async function rebuild(changed: readonly string[]): Promise<void> {
    const { rows, tree } = appended(sha256, EMPTY_TREE, changed)
    await client.query('TRUNCATE audit_entry; TRUNCATE audit_tree')
    for (const row of rows)
      await client.query('INSERT INTO audit_entry VALUES ($1, $2, $3)', [
        row.entryIndex,
        row.entry,
        Buffer.from(row.leafHash),
      ])
    if (rows.length > 0)
      await client.query('INSERT INTO audit_tree VALUES (1, $1, $2, $3)', [
        tree.entries,
        Buffer.from(tree.subtrees),
        Buffer.from(tree.head),
      ])
  }

  const attacks: Readonly<Record<string, (place: number) => string[]>> = {
    emptied: () => [],
    'cut at the end': (at) => lines.slice(0, at),
    'an entry edited': (at) => lines.map((line, index) => (index === at ? line.replace('ada', 'tess') : line)),
    'an entry taken out': (at) => lines.filter((_, index) => index !== at),
    'two entries exchanged': (at) =>
      lines.map((line, index) => (index === at ? lines[at - 1]! : index === at - 1 ? lines[at]! : line)),
    'all names rewritten': () => lines.map((line) => line.replace('ada', 'tess')),
  }

  it.each(Object.keys(attacks))('W7: %s, tree rebuilt: found up to the head that was kept elsewhere', async (name) => {
    const places = fc.tuple(fc.integer({ min: 1, max: COUNT - 1 }), fc.integer({ min: 1, max: COUNT }))
    await fc.assert(
      fc.asyncProperty(places, async ([at, kept]) => {
        const attackedLines = (attacks[name] as (place: number) => string[])(at)
        await rebuild(attackedLines)
        const unnoticed = lines.slice(0, kept).every((line, index) => line === attackedLines[index])
        const verdict = await examineRelayLog(database.db, { entries: kept, head: heads[kept] as Buffer })
        expect(verdict.ok, `at ${at}, kept ${kept}: ${verdict.finding}`).toBe(unnoticed)
        if (unnoticed) expect(verdict.notWitnessed).toBe(attackedLines.length - kept)
      }),
      { seed: 9, numRuns: shareOf(300) },
    )
  })

  it('W7: an entry edited without the tree is found without any head', async () => {
    await rebuild(lines)
    await client.query("UPDATE audit_entry SET entry = replace(entry, 'ada', 'tess') WHERE entry_index = 7")
    expect(await examineRelayLog(database.db, null)).toMatchObject({ ok: false, finding: 'changed' })
  })
})

describe('W7: the log of a relay that is stopped', () => {
  it('W7: it is checked all the same, and continues the head of when the relay ran', async () => {
    const before = await check()
    // Only the relay ends here; its folder is still needed.
    await relay.relay.close()
    const witnessed = { entries: before.entries, head: Buffer.from(before.head, 'hex') }
    const embedded = `${relay.folder}/relay`
    expect(await withRelayDatabase({ embedded }, (db) => examineRelayLog(db, witnessed))).toMatchObject({
      ok: true,
      entries: before.entries,
    })
    expect(await runningDatabase(embedded)).toBe(null)
  })
})
