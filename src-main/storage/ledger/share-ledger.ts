/**
 * Stores every share from the click to the receipt. Each change is one transaction with its audit entry and the marks
 * of its studies.
 */
import type Database from 'better-sqlite3'
import { z } from 'zod'
import type { AuditAction, AuditEntry } from '../../../src-core/audit/audit-entry.ts'
import type { AuditValue } from '../../../src-core/audit/audit-value.ts'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { SealedPart, type ConfirmRequest, type FeedEvent, type Receipt } from '../../../src-core/contract/relay.ts'
import { parseJson } from '../../../src-core/parse-json.ts'
import { patientsOf } from '../../../src-core/patient/patients-of.ts'
import { auditedTerms } from '../../../src-core/sharing/audited-terms.ts'
import { examLines } from '../../../src-core/sharing/notice.ts'
import type { OutboxEvent, OutboxItem } from '../../../src-core/sharing/outbox.ts'
import { FINAL_STATES, transition } from '../../../src-core/sharing/transition.ts'
import { endOfDay } from '../../../src-core/sharing/validity.ts'
import {
  howActed,
  type Actor,
  type PackageRecord,
  type RelayCommand,
  type ShareHead,
  type ShareRecord,
} from '../../ports/records.ts'
import type { AuditLog } from './audit-log.ts'
import { Favourites } from './favourites.ts'
import { Grants } from './grants.ts'
import { OutboxTable } from './outbox-table.ts'
import { ShareTable, type ShareRow } from './share-table.ts'
import { refreshStudyShareMarks } from './study-share-marks.ts'

const Parts = z.array(SealedPart)

export interface NewShare {
  readonly record: Omit<ShareRecord, 'packageId'>
  /** Recipients that become favourites once the share is completed (U6). */
  readonly stars: readonly string[]
  readonly undoUntil: string
}

/** The actions on an item that a person may choose. Most of them are transitions of the state machine. */
export type OutboxAction = 'pause' | 'resume' | 'retry' | 'cancel' | 'send-now' | 'move-up' | 'move-down'

type Who = { readonly kind: 'staff' | 'recipient' | 'program'; readonly id: string; readonly name: string }
const PROGRAM: Who = { kind: 'program', id: 'outpost', name: 'Outpost' }
const staff = (actor: Actor): Who => ({ kind: 'staff', id: actor.staffId, name: actor.name })

/** The states that are logged: acts of people and final results, not each step between them. */
const AUDITED: Partial<Record<OutboxItem['state'], AuditAction>> = {
  delivered: 'delivery',
  failed: 'failed',
  cancelled: 'cancel',
}
const AUDITED_FEED: Partial<Record<FeedEvent['type'], AuditAction>> = {
  notified: 'notified',
  undeliverable: 'undeliverable',
  opened: 'opened',
  blocked: 'blocked',
  unblocked: 'unblocked',
  expired: 'expired',
  withdrawn: 'withdrawn',
}

export class ShareLedger {
  readonly #database: Database.Database
  readonly #audit: AuditLog
  readonly #outbox: OutboxTable
  readonly #shares: ShareTable
  readonly #grants: Grants
  readonly #favourites: Favourites

  constructor(database: Database.Database, audit: AuditLog) {
    this.#database = database
    this.#audit = audit
    this.#outbox = new OutboxTable(database)
    this.#shares = new ShareTable(database)
    this.#grants = new Grants(database)
    this.#favourites = new Favourites(database)
  }

  /**
   * W6: stores share, consent, audit entry and outbox item in one transaction. A repeated share changes nothing (S3).
   * @error reason-required, patient-not-agreed, empty-selection
   */
  commit(share: NewShare): OutboxItem {
    const { shareId, createdAt, actor, terms } = share.record
    return this.#transaction(() => {
      if (this.#shares.exists(shareId)) return this.#outbox.get(shareId)
      if (terms.reason.trim() === '') throw new OutpostError('reason-required')
      if (!terms.patientAgreed) throw new OutpostError('patient-not-agreed')
      this.#shares.insert({ ...share.record, packageId: null }, new Set(share.stars))
      this.#outbox.insert(
        {
          shareId,
          state: 'held',
          step: 'prepare',
          reason: null,
          waitingUntil: null,
          undoUntil: share.undoUntil,
          attempts: 0,
          since: createdAt,
        },
        terms.urgent,
      )
      const patients = patientsOf(share.record.instances).length
      this.#log(shareId, createdAt, 'share', staff(actor), {
        ...auditedTerms(terms),
        // W15: the number of patients that a person confirmed. Their names are not part of an entry.
        ...(patients > 1 && { patientsConfirmed: patients }),
        mailLanguage: share.record.mailLanguage,
        ...howActed(actor),
      })
      refreshStudyShareMarks(this.#database, shareId, createdAt)
      return this.#outbox.get(shareId)
    })
  }

  /** Undoes a share within the hold (X4). @error undo-lapsed, share-not-found */
  undo(shareId: string, actor: Actor, now: string): OutboxItem {
    return this.#transaction(() => this.#step(shareId, { type: 'undone' }, now, staff(actor), 'undo'))
  }

  /** @error not-in-this-state, share-not-found */
  act(shareId: string, action: OutboxAction, actor: Actor, now: string): OutboxItem {
    return this.#transaction(() => {
      const { state } = this.#outbox.get(shareId)
      switch (action) {
        case 'move-up':
        case 'move-down':
          this.#outbox.move(shareId, action === 'move-up' ? 'up' : 'down')
          break
        case 'send-now': {
          const event: OutboxEvent['type'] =
            state === 'held' ? 'undo-lapsed' : state === 'paused' ? 'resume' : state === 'failed' ? 'retry' : 'ready'
          this.#step(shareId, { type: event }, now, staff(actor))
          this.#outbox.move(shareId, 'front')
          break
        }
        default:
          this.#step(shareId, { type: action }, now, staff(actor))
      }
      if (action !== 'cancel') this.#log(shareId, now, 'outbox', staff(actor), { asked: action })
      return this.#outbox.get(shareId)
    })
  }

  /**
   * Withdraws a share for all its recipients: here at once, and at the relay with the next contact.
   * @error share-not-found; not-in-this-state when it was withdrawn already
   */
  withdraw(shareId: string, actor: Actor, now: string): void {
    this.#transaction(() => {
      const share = this.#shares.row(shareId)
      const { state } = this.#outbox.get(shareId)
      if (share.withdrawnAt !== null || state === 'cancelled')
        throw new OutpostError('not-in-this-state', { shareId, state })
      this.#database.prepare('UPDATE share SET withdrawnAt = ? WHERE shareId = ?').run(now, shareId)
      this.#grants.withdraw(shareId, now)
      this.#command('withdraw', shareId, null, actor, now)
      this.#log(shareId, now, 'withdraw', staff(actor), {})
      this.#endWithdrawn(shareId, now)
      refreshStudyShareMarks(this.#database, shareId, now)
    })
  }

  /** Unblocks a recipient (U8). @error share-not-found, recipient-unknown */
  unblock(shareId: string, recipientId: string, actor: Actor, now: string): void {
    this.#transaction(() => {
      this.#shares.row(shareId)
      const grant = this.#grants.of(shareId).find((candidate) => candidate.recipientId === recipientId)
      if (!grant) throw new OutpostError('recipient-unknown', { recipientId })
      this.#command('unblock', shareId, recipientId, actor, now)
      this.#log(shareId, now, 'unblock', staff(actor), { recipientId })
    })
  }

  runnable(now: string): OutboxItem[] {
    return this.#transaction(() => {
      for (const item of this.#outbox.lapsed(now)) this.#step(item.shareId, { type: 'undo-lapsed' }, now, PROGRAM)
      this.#failExpired(now)
      return this.#outbox.inState('queued', 'prepared')
    })
  }

  waiting(): OutboxItem[] {
    return this.#outbox.inState('waiting')
  }

  /** Number of unfinished shares. */
  openCount(): number {
    return this.#outbox.openOrder().length
  }

  /** @error share-not-found */
  item(shareId: string): OutboxItem {
    return this.#outbox.get(shareId)
  }

  /** @error not-in-this-state, share-not-found */
  apply(shareId: string, event: OutboxEvent, now: string): OutboxItem {
    return this.#transaction(() => this.#step(shareId, event, now, PROGRAM))
  }

  restart(now: string): void {
    this.#transaction(() => {
      for (const item of this.#outbox.inState('preparing', 'uploading', 'confirming'))
        this.#step(item.shareId, { type: 'restarted' }, now, PROGRAM)
    })
  }

  /** @error share-not-found */
  shareHead(shareId: string): ShareHead {
    return this.#shares.head(shareId)
  }

  /** The exams as the mail of the share lists them. @error share-not-found */
  exams(shareId: string): ConfirmRequest['exams'] {
    const { terms } = this.#shares.row(shareId)
    return examLines(this.#shares.instances(shareId), terms.anonymize)
  }

  savePackage(record: PackageRecord, now: string): OutboxItem {
    return this.#transaction(() => {
      const bytes = record.parts.reduce((sum, part) => sum + part.size, 0)
      this.#database
        .prepare('INSERT INTO package VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(
          record.packageId,
          record.shareId,
          record.createdAt,
          record.manifestSha256,
          record.signature,
          record.ownerSlot,
          record.accountSlot,
          JSON.stringify(record.parts),
          bytes,
          record.sourceSha256 ?? null,
        )
      this.#database.prepare('UPDATE share SET packageId = ? WHERE shareId = ?').run(record.packageId, record.shareId)
      const { terms, instances } = this.#shares.row(record.shareId)
      // W7: de-identification has its own entry. The entry does not name the patient, who was just made anonymous.
      if (terms.anonymize)
        this.#append(record.shareId, now, 'deidentify', PROGRAM, { instances, options: terms.deidentify ?? [] })
      return this.#step(record.shareId, { type: 'prepared' }, now, PROGRAM)
    })
  }

  package(packageId: string): PackageRecord | null {
    const row = this.#database
      .prepare<[string], Omit<PackageRecord, 'parts'> & { parts: string; bytes: number }>(
        'SELECT * FROM package WHERE packageId = ?',
      )
      .get(packageId)
    if (!row) return null
    const { bytes: _, parts, ...rest } = row
    return { ...rest, parts: parseJson(parts, Parts, 'ledger-damaged') }
  }

  keepConfirm(packageId: string, request: string): string {
    return this.#transaction(() => {
      this.#database.prepare('INSERT INTO confirm_request VALUES (?, ?) ON CONFLICT DO NOTHING').run(packageId, request)
      return this.#database
        .prepare<[string], { request: string }>('SELECT request FROM confirm_request WHERE packageId = ?')
        .get(packageId)!.request
    })
  }

  saveReceipt(receipt: Receipt, now: string): OutboxItem {
    return this.#transaction(() => {
      const { shareId, deliveredAt, expiresAt } = receipt
      this.#database
        .prepare('INSERT INTO receipt VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
        .run(shareId, JSON.stringify(receipt), now)
      this.#database
        .prepare('UPDATE share SET deliveredAt = ?, expiresAt = ? WHERE shareId = ?')
        .run(deliveredAt, expiresAt, shareId)
      this.#grants.keepIds(receipt)
      this.#database.prepare('DELETE FROM confirm_request WHERE packageId = ?').run(receipt.packageId)
      return this.#step(shareId, { type: 'confirmed' }, now, PROGRAM)
    })
  }

  feedCursor(): number {
    return this.#database.prepare<[], { cursor: number }>('SELECT cursor FROM feed_position').get()?.cursor ?? 0
  }

  applyFeed(events: readonly FeedEvent[], now: string): void {
    this.#transaction(() => {
      let cursor = this.feedCursor()
      for (const event of events) {
        if (event.cursor <= cursor) continue
        cursor = event.cursor
        const action = AUDITED_FEED[event.type]
        const changed = this.#grants.apply(event)
        for (const grant of action ? changed : []) {
          const opener: Who = { kind: 'recipient', id: grant.recipientId, name: grant.entry.familyName }
          this.#log(grant.shareId, event.at, action as AuditAction, event.type === 'opened' ? opener : PROGRAM, {
            recipientId: grant.recipientId,
            reason: event.reason,
          })
        }
        if (event.shareId && event.type === 'withdrawn' && event.recipientId === null) {
          this.#database
            .prepare('UPDATE share SET withdrawnAt = coalesce(withdrawnAt, ?) WHERE shareId = ?')
            .run(event.at, event.shareId)
        }
        if (event.shareId && changed.length > 0) refreshStudyShareMarks(this.#database, event.shareId, now)
      }
      this.#database.prepare('UPDATE feed_position SET cursor = ?').run(cursor)
    })
  }

  /**
   * The commands that may be sent to the relay now. The withdrawal of a share that is being confirmed waits: the relay
   * would not know the share yet.
   */
  commands(): RelayCommand[] {
    return this.#database
      .prepare<
        [],
        RelayCommand
      >(`SELECT commandId, kind, shareId, recipientId, by FROM relay_command JOIN outbox USING (shareId)
      WHERE doneAt IS NULL AND outbox.state <> 'confirming' ORDER BY commandId`)
      .all()
  }

  commandDone(commandId: number, now: string): void {
    this.#database
      .prepare('UPDATE relay_command SET doneAt = coalesce(doneAt, ?) WHERE commandId = ?')
      .run(now, commandId)
  }

  /** One transition with all its effects, inside the caller's transaction. */
  #step(shareId: string, event: OutboxEvent, now: string, who: Who, action?: AuditAction): OutboxItem {
    const before = this.#outbox.get(shareId)
    const after = transition(before, event, now)
    if (after === before) return before
    this.#outbox.save(after)
    if (before.state === 'held' && after.state === 'queued') this.#favourites.keepStars(shareId, now)
    // The relay may have stored a share although its answer was lost, so a cancelled share is withdrawn there too.
    if (after.state === 'cancelled' && before.step === 'confirm')
      this.#command('withdraw', shareId, null, this.#shares.row(shareId), now)
    const audited = action ?? AUDITED[after.state]
    if (audited && after.state !== before.state)
      this.#log(shareId, now, audited, who, after.reason ? { reason: after.reason } : {})
    this.#endWithdrawn(shareId, now)
    refreshStudyShareMarks(this.#database, shareId, now)
    return this.#outbox.get(shareId)
  }

  /** A withdrawn share needs no further work, except for the answer of a confirm that was sent. */
  #endWithdrawn(shareId: string, now: string): void {
    const item = this.#outbox.get(shareId)
    if (
      FINAL_STATES.includes(item.state) ||
      item.state === 'confirming' ||
      this.#shares.row(shareId).withdrawnAt === null
    )
      return
    this.#outbox.save(transition(item, { type: 'cancel' }, now))
  }

  /**
   * U13: the end of a share is fixed, so an undelivered share fails after it with that reason, also without a
   * connection.
   */
  #failExpired(now: string): void {
    const dated = this.#database
      .prepare<
        [],
        { shareId: string; day: string }
      >(`SELECT shareId, json_extract(terms, '$.validity.day') AS day FROM outbox JOIN share USING (shareId)
      WHERE outbox.state IN ('queued', 'prepared', 'waiting') AND json_extract(terms, '$.validity.kind') = 'until'`)
      .all()
    if (dated.length === 0) return
    const timeZone =
      this.#database
        .prepare<[], { timeZone: string }>(
          `SELECT json_extract(enrolment, '$.policy.timeZone') AS timeZone FROM enrolment`,
        )
        .get()?.timeZone ?? 'UTC'
    for (const { shareId, day } of dated) {
      if (endOfDay(day, timeZone).toISOString() < now)
        this.#step(shareId, { type: 'failed', reason: 'expired-before-delivery' }, now, PROGRAM)
    }
  }

  #command(
    kind: RelayCommand['kind'],
    shareId: string,
    recipientId: string | null,
    by: Pick<Actor, 'staffId'>,
    now: string,
  ): void {
    this.#database
      .prepare(`INSERT INTO relay_command (kind, shareId, recipientId, by, createdAt)
      SELECT :kind, :shareId, :recipientId, :by, :now
      WHERE NOT EXISTS (SELECT 1 FROM relay_command
        WHERE kind = :kind AND shareId = :shareId AND recipientId IS :recipientId AND doneAt IS NULL)`)
      .run({ kind, shareId, recipientId, by: by.staffId, now })
  }

  #log(shareId: string, at: string, action: AuditAction, actor: Who, detail: Record<string, AuditValue>): void {
    this.#append(shareId, at, action, actor, {
      ...detail,
      PatientID: this.#shares.row(shareId).PatientID,
      studies: this.#shares.studies(shareId).map((study) => study.StudyInstanceUID),
      recipients: this.#grants
        .of(shareId)
        .map((grant) => ({ recipientId: grant.recipientId, familyName: grant.entry.familyName })),
    })
  }

  #append(shareId: string, at: string, action: AuditAction, actor: Who, detail: AuditEntry['detail']): void {
    const { organisationId, departmentId, workstationId }: ShareRow = this.#shares.row(shareId)
    this.#audit.append({ at, actor, organisationId, departmentId, workstationId, action, subject: shareId, detail })
  }

  /**
   * Takes the lock before the first read (IMMEDIATE), so that the read values are still correct when they are written.
   */
  #transaction<Result>(work: () => Result): Result {
    return this.#database.inTransaction ? work() : this.#database.transaction(work).immediate()
  }
}
