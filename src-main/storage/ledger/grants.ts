/** The grants of each share: the right of each recipient, and their events from the feed. */
import type Database from 'better-sqlite3'
import type { DirectoryEntry } from '../../../src-core/contract/recipients.ts'
import type { FeedEvent, Receipt } from '../../../src-core/contract/relay.ts'
import { parseJson } from '../../../src-core/parse-json.ts'
import { withFeedEvent, type GrantFacts } from '../../../src-core/sharing/grant-state.ts'
import { StoredRecipient } from '../../ports/stored-json.ts'

export interface GrantRow extends GrantFacts {
  readonly shareId: string
  readonly recipientId: string
  readonly entry: DirectoryEntry
}

type StoredGrant = GrantFacts & { shareId: string; recipientId: string; entry: string }
const COLUMNS = `shareId, recipientId, entry,
  notifiedAt, undeliverableAt, undeliverableReason, openedAt, blockedAt, expiredAt, withdrawnAt`

export class Grants {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  of(shareId: string): GrantRow[] {
    return this.#database
      .prepare<[string], StoredGrant>(`SELECT ${COLUMNS} FROM share_grant WHERE shareId = ? ORDER BY ordinal`)
      .all(shareId)
      .map((row) => ({ ...row, entry: parseJson(row.entry, StoredRecipient, 'ledger-damaged') }))
  }

  /**
   * Updates the grants that an event concerns: that of its recipient, or all when it names none. @returns the changed
   * grants
   */
  apply(event: FeedEvent): GrantRow[] {
    if (event.shareId === null) return []
    const changed: GrantRow[] = []
    for (const grant of this.of(event.shareId)) {
      if (event.recipientId !== null && event.recipientId !== grant.recipientId) continue
      const facts = withFeedEvent(grant, event)
      if (facts === grant) continue
      this.#save(grant.shareId, grant.recipientId, facts)
      changed.push({ ...grant, ...facts })
    }
    return changed
  }

  withdraw(shareId: string, at: string): void {
    this.#database
      .prepare('UPDATE share_grant SET withdrawnAt = ? WHERE shareId = ? AND withdrawnAt IS NULL')
      .run(at, shareId)
  }

  keepIds(receipt: Receipt): void {
    const save = this.#database.prepare('UPDATE share_grant SET grantId = ? WHERE shareId = ? AND recipientId = ?')
    for (const grant of receipt.grants) save.run(grant.grantId, receipt.shareId, grant.recipientId)
  }

  #save(shareId: string, recipientId: string, facts: GrantFacts): void {
    this.#database
      .prepare(`UPDATE share_grant SET notifiedAt = ?, undeliverableAt = ?, undeliverableReason = ?, openedAt = ?,
        blockedAt = ?, expiredAt = ?, withdrawnAt = ?
      WHERE shareId = ? AND recipientId = ?`)
      .run(
        facts.notifiedAt,
        facts.undeliverableAt,
        facts.undeliverableReason,
        facts.openedAt,
        facts.blockedAt,
        facts.expiredAt,
        facts.withdrawnAt,
        shareId,
        recipientId,
      )
  }
}
