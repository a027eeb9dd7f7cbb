/** Views of shares for the pages: the rows of the outbox and Share status. They only read. */
import type Database from 'better-sqlite3'
import type { GrantState, OutboxRow } from '../../../src-core/contract/shares.ts'
import { recipientName } from '../../../src-core/directory/contacts.ts'
import { grantState } from '../../../src-core/sharing/grant-state.ts'
import type { OutboxItem } from '../../../src-core/sharing/outbox.ts'
import type { ShareRow } from '../../ports/records.ts'
import { Grants } from './grants.ts'
import { OUTBOX_ORDER } from './outbox-table.ts'
import { fromStored, ShareTable } from './share-table.ts'

/** Milliseconds for which a delivered or cancelled share stays in the outbox's list. Share status always shows it. */
const DONE_SHOWN_MS = 24 * 3_600_000

type StoredShare = Parameters<typeof fromStored>[0]
type OutboxJoin = StoredShare & OutboxItem & { urgent: number; position: number; packageBytes: number | null }

export class ShareViews {
  readonly #database: Database.Database
  readonly #grants: Grants
  readonly #shares: ShareTable

  constructor(database: Database.Database) {
    this.#database = database
    this.#grants = new Grants(database)
    this.#shares = new ShareTable(database)
  }

  /** Failed items first, then unfinished ones in their order, then those that ended during the last day. */
  outbox(now: string): OutboxRow[] {
    const doneSince = new Date(Date.parse(now) - DONE_SHOWN_MS).toISOString()
    return this.#database
      .prepare<[string], OutboxJoin>(`SELECT share.*, outbox.*, package.bytes AS packageBytes
      FROM outbox JOIN share USING (shareId) LEFT JOIN package USING (packageId)
      WHERE outbox.state NOT IN ('delivered', 'cancelled') OR outbox.since >= ?
      ORDER BY outbox.state IN ('delivered', 'cancelled'), outbox.state <> 'failed', ${OUTBOX_ORDER}`)
      .all(doneSince)
      .map((row, index) => this.#outboxRow(row, index))
  }

  /** The row of one share, regardless of when it ended. */
  outboxRow(shareId: string): OutboxRow | null {
    const row = this.#database
      .prepare<[string], OutboxJoin>(`SELECT share.*, outbox.*, package.bytes AS packageBytes
      FROM outbox JOIN share USING (shareId) LEFT JOIN package USING (packageId) WHERE outbox.shareId = ?`)
      .get(shareId)
    return row ? this.#outboxRow(row, row.position) : null
  }

  /** Shares, newest first. @param filter.state of at least one recipient */
  shares(
    filter: { StudyInstanceUID?: string | undefined; state?: string | undefined },
    offset: number,
    limit: number,
  ): { total: number; rows: ShareRow[] } {
    const where =
      filter.StudyInstanceUID === undefined
        ? ''
        : `WHERE EXISTS (SELECT 1 FROM share_study
            WHERE share_study.shareId = share.shareId AND StudyInstanceUID = :study)`
    const ids = this.#database
      .prepare<[object], { shareId: string }>(`SELECT shareId FROM share ${where} ORDER BY createdAt DESC, shareId`)
      .all(filter.StudyInstanceUID === undefined ? {} : { study: filter.StudyInstanceUID })
      .map((row) => row.shareId)
    if (filter.state === undefined)
      return { total: ids.length, rows: ids.slice(offset, offset + limit).map((id) => this.status(id)) }
    const matching = ids.filter((id) => this.#states(id).includes(filter.state as GrantState))
    return { total: matching.length, rows: matching.slice(offset, offset + limit).map((id) => this.status(id)) }
  }

  /** @error share-not-found */
  status(shareId: string): ShareRow {
    const share = this.#shares.row(shareId)
    const item = this.#item(shareId)
    return {
      shareId,
      createdAt: share.createdAt,
      createdBy: share.name,
      staffId: share.staffId,
      patient: share.PatientName,
      PatientID: share.PatientID,
      studies: this.#shares.studies(shareId) as ShareRow['studies'],
      terms: share.terms,
      mailLanguage: share.mailLanguage,
      deliveredAt: share.deliveredAt,
      expiresAt: share.expiresAt,
      withdrawnAt: share.withdrawnAt,
      recipients: this.#grants.of(shareId).map((grant) => {
        const { state, since } = grantState(grant, item)
        const reason =
          state === 'undeliverable'
            ? grant.undeliverableReason
            : state === 'failed' || state === 'waiting'
              ? item.reason
              : null
        return {
          recipientId: grant.recipientId,
          name: recipientName(grant.entry),
          state,
          stateAt: since,
          notifiedAt: grant.notifiedAt,
          openedAt: grant.openedAt,
          reason,
        }
      }),
    }
  }

  #states(shareId: string): GrantState[] {
    const item = this.#item(shareId)
    return this.#grants.of(shareId).map((grant) => grantState(grant, item).state)
  }

  #item(shareId: string): Pick<OutboxItem, 'state' | 'since' | 'reason'> {
    return this.#database
      .prepare<[string], Pick<OutboxItem, 'state' | 'since' | 'reason'>>(
        'SELECT state, since, reason FROM outbox WHERE shareId = ?',
      )
      .get(shareId) as Pick<OutboxItem, 'state' | 'since' | 'reason'>
  }

  #outboxRow(row: OutboxJoin, position: number): OutboxRow {
    const bytesTotal = row.packageBytes ?? row.bytes
    const studies = this.#shares.studies(row.shareId)
    return {
      shareId: row.shareId,
      state: row.state,
      reason: row.reason,
      waitingUntil: row.waitingUntil,
      undoUntil: row.undoUntil,
      since: row.since,
      createdAt: row.createdAt,
      createdBy: row.staffName,
      urgent: row.urgent === 1,
      patient: row.PatientName,
      description: studies
        .map((study) => study.StudyDescription)
        .filter((text) => text !== '')
        .join(', '),
      recipients: this.#grants.of(row.shareId).map((grant) => recipientName(grant.entry)),
      instances: row.instances,
      instancesPrepared: row.packageBytes === null ? 0 : row.instances,
      bytesSent: row.state === 'delivered' || row.state === 'confirming' ? bytesTotal : 0,
      bytesTotal,
      bytesPerSecond: null,
      position,
    }
  }
}
