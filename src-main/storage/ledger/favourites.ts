/** The favourite recipients of a staff member (U2). */
import type Database from 'better-sqlite3'

export class Favourites {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  /** Ids of the recipients, the oldest favourite first. */
  of(staffId: string): string[] {
    return this.#database
      .prepare<[string], { recipientId: string }>(
        'SELECT recipientId FROM favourite WHERE staffId = ? ORDER BY since, recipientId',
      )
      .all(staffId)
      .map((row) => row.recipientId)
  }

  set(staffId: string, recipientId: string, favourite: boolean, now: string): void {
    if (favourite)
      this.#database
        .prepare('INSERT INTO favourite VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
        .run(staffId, recipientId, now)
    else this.#database.prepare('DELETE FROM favourite WHERE staffId = ? AND recipientId = ?').run(staffId, recipientId)
  }

  /** U6: starred recipients become favourites of the sender once the share is completed. */
  keepStars(shareId: string, now: string): void {
    this.#database
      .prepare(`INSERT INTO favourite SELECT share.staffId, share_grant.recipientId, ? FROM share_grant
        JOIN share USING (shareId)
      WHERE shareId = ? AND star = 1 ON CONFLICT DO NOTHING`)
      .run(now, shareId)
  }
}
