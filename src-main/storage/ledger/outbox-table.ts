/** Rows of the outbox: the state machine's items and their order. */
import type Database from 'better-sqlite3'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { UNDO_MS, type OutboxItem } from '../../../src-core/sharing/outbox.ts'
import { timeHasCome } from '../../../src-core/time-has-come.ts'

const ITEM = 'shareId, state, step, reason, waitingUntil, undoUntil, attempts, since'
/** What a person moved comes first, then what is urgent, then first come first served: nothing can starve. */
export const OUTBOX_ORDER = 'ownOrder IS NULL, ownOrder, urgent DESC, position'

export class OutboxTable {
  readonly #database: Database.Database
  readonly #get: Database.Statement<[string], OutboxItem>
  readonly #save: Database.Statement<[OutboxItem]>

  constructor(database: Database.Database) {
    this.#database = database
    this.#get = database.prepare(`SELECT ${ITEM} FROM outbox WHERE shareId = ?`)
    this.#save =
      database.prepare(`UPDATE outbox SET state = @state, step = @step, reason = @reason, waitingUntil = @waitingUntil, undoUntil = @undoUntil,
      attempts = @attempts, since = @since WHERE shareId = @shareId`)
  }

  /** @error share-not-found */
  get(shareId: string): OutboxItem {
    const item = this.#get.get(shareId)
    if (!item) throw new OutpostError('share-not-found', { shareId })
    return item
  }

  insert(item: OutboxItem, urgent: boolean): void {
    this.#database
      .prepare(`INSERT INTO outbox (${ITEM}, urgent, position) VALUES (@shareId, @state, @step, @reason, @waitingUntil, @undoUntil, @attempts, @since, @urgent,
      (SELECT coalesce(max(position), 0) + 1 FROM outbox))`)
      .run({ ...item, urgent: urgent ? 1 : 0 })
  }

  save(item: OutboxItem): void {
    this.#save.run(item)
  }

  /** Held items whose Undo has lapsed. */
  lapsed(now: string): OutboxItem[] {
    return this.inState('held').filter(({ undoUntil }) => undoUntil === null || timeHasCome(undoUntil, now, UNDO_MS))
  }

  inState(...states: readonly string[]): OutboxItem[] {
    return this.#database
      .prepare<[string], OutboxItem>(
        `SELECT ${ITEM} FROM outbox WHERE state IN (SELECT value FROM json_each(?)) ORDER BY ${OUTBOX_ORDER}`,
      )
      .all(JSON.stringify(states))
  }

  /** Every item whose work is not over, in the order in which it will be done. */
  openOrder(): string[] {
    return this.#database
      .prepare<[], { shareId: string }>(
        `SELECT shareId FROM outbox WHERE state NOT IN ('delivered', 'cancelled') ORDER BY ${OUTBOX_ORDER}`,
      )
      .all()
      .map((row) => row.shareId)
  }

  /** Moves an item among those whose work is not over: to the front, or by one. */
  move(shareId: string, where: 'front' | 'up' | 'down'): void {
    const order = this.openOrder()
    const from = order.indexOf(shareId)
    if (from === -1) throw new OutpostError('not-in-this-state', { shareId })
    const to = where === 'front' ? 0 : Math.min(Math.max(from + (where === 'up' ? -1 : 1), 0), order.length - 1)
    order.splice(from, 1)
    order.splice(to, 0, shareId)
    // Only what stands before the moved item is pinned with it; what comes after keeps its natural order.
    const pin = this.#database.prepare('UPDATE outbox SET ownOrder = ? WHERE shareId = ?')
    order.slice(0, Math.max(from, to) + 1).forEach((id, index) => pin.run(index, id))
  }
}
