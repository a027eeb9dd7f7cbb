/** Rows of the outbox: the items of the state machine, and their order. */
import type Database from 'better-sqlite3'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { UNDO_MS, type OutboxItem } from '../../../src-core/sharing/outbox.ts'
import { timeHasCome } from '../../../src-core/time-has-come.ts'

const ITEM = 'shareId, state, step, reason, waitingUntil, undoUntil, attempts, since'
/** Items that a person moved come first, then urgent ones, then the oldest. No item can wait without end. */
export const OUTBOX_ORDER = 'ownOrder IS NULL, ownOrder, urgent DESC, position'

export class OutboxTable {
  readonly #database: Database.Database
  readonly #get: Database.Statement<[string], OutboxItem>
  readonly #save: Database.Statement<[OutboxItem]>

  constructor(database: Database.Database) {
    this.#database = database
    this.#get = database.prepare(`SELECT ${ITEM} FROM outbox WHERE shareId = ?`)
    this.#save =
      database.prepare(`UPDATE outbox SET state = @state, step = @step, reason = @reason, waitingUntil = @waitingUntil,
        undoUntil = @undoUntil,
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
      .prepare(`INSERT INTO outbox (${ITEM}, urgent, position)
        VALUES (@shareId, @state, @step, @reason, @waitingUntil, @undoUntil, @attempts, @since, @urgent,
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

  /** Ids of all unfinished items, in the order in which they will be processed. */
  openOrder(): string[] {
    return this.#database
      .prepare<[], { shareId: string }>(
        `SELECT shareId FROM outbox WHERE state NOT IN ('delivered', 'cancelled') ORDER BY ${OUTBOX_ORDER}`,
      )
      .all()
      .map((row) => row.shareId)
  }

  /** Moves an item among the unfinished ones: to the front, or by one position. */
  move(shareId: string, where: 'front' | 'up' | 'down'): void {
    const order = this.openOrder()
    const from = order.indexOf(shareId)
    if (from === -1) throw new OutpostError('not-in-this-state', { shareId })
    const to = where === 'front' ? 0 : Math.min(Math.max(from + (where === 'up' ? -1 : 1), 0), order.length - 1)
    order.splice(from, 1)
    order.splice(to, 0, shareId)
    // The items before the moved one get fixed positions too; those after it keep their natural order.
    const pin = this.#database.prepare('UPDATE outbox SET ownOrder = ? WHERE shareId = ?')
    order.slice(0, Math.max(from, to) + 1).forEach((id, index) => pin.run(index, id))
  }
}
