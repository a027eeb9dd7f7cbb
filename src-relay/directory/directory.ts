/** Stores the directory of an organisation, and lists its changes since a revision (S8). */
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { withoutPrivateContacts } from '../../src-core/directory/contacts.ts'
import { storedEntry } from './known-people.ts'
import type { Database, DatabaseTransaction } from '../ports/database.ts'
import { canonical } from './canonical-json.ts'

/**
 * Replaces the entries of the directory. Only changed and removed entries get the new revision, so that workstations
 * load nothing else.
 * @returns whether anything changed
 */
export async function replaceDirectory(
  transaction: DatabaseTransaction,
  organisationId: string,
  entries: readonly DirectoryEntry[],
): Promise<boolean> {
  const stored = await transaction
    .selectFrom('directory_entry')
    .select(['recipient_id', 'removed', 'entry'])
    .where('organisation_id', '=', organisationId)
    .execute()
  const storedById = new Map(stored.map((row) => [row.recipient_id, row]))
  const newEntries = new Map(entries.map((entry) => [entry.recipientId, entry]))
  const changed = [...newEntries.values()].filter((entry) => {
    const before = storedById.get(entry.recipientId)
    return before === undefined || before.removed || canonical(before.entry) !== canonical(entry)
  })
  const removed = stored
    .filter((row) => !row.removed && !newEntries.has(row.recipient_id))
    .map((row) => row.recipient_id)
  if (changed.length === 0 && removed.length === 0) return false
  const { directory_revision: revision } = await transaction
    .updateTable('organisation')
    .set((expression) => ({ directory_revision: expression('directory_revision', '+', 1) }))
    .where('organisation_id', '=', organisationId)
    .returning('directory_revision')
    .executeTakeFirstOrThrow()
  for (let start = 0; start < changed.length; start += 1000) {
    await transaction
      .insertInto('directory_entry')
      .values(
        changed.slice(start, start + 1000).map((entry) => ({
          organisation_id: organisationId,
          recipient_id: entry.recipientId,
          revision,
          removed: false,
          entry: JSON.stringify(entry),
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['organisation_id', 'recipient_id'])
          .doUpdateSet((expression) => ({ revision, removed: false, entry: expression.ref('excluded.entry') })),
      )
      .execute()
  }
  for (let start = 0; start < removed.length; start += 1000) {
    await transaction
      .updateTable('directory_entry')
      .set({ removed: true, revision })
      .where('organisation_id', '=', organisationId)
      .where('recipient_id', 'in', removed.slice(start, start + 1000))
      .execute()
  }
  return true
}

export interface DirectoryChanges {
  revision: number
  entries: DirectoryEntry[]
  removed: string[]
  more: boolean
}

/**
 * Lists the changes after a revision, without contacts that are not public. A page never ends in the middle of a
 * revision, so that the number of the revision tells exactly what was listed. A revision with more changes than the
 * limit therefore comes in one page.
 */
export async function directoryChanges(
  db: Database,
  organisationId: string,
  after: number,
  limit: number,
): Promise<DirectoryChanges> {
  const base = db.selectFrom('directory_entry').where('organisation_id', '=', organisationId)
  const atLimit = await base
    .select('revision')
    .where('revision', '>', after)
    .orderBy('revision')
    .orderBy('recipient_id')
    .offset(limit - 1)
    .limit(1)
    .executeTakeFirst()
  const last = await base.select((expression) => expression.fn.max('revision').as('revision')).executeTakeFirst()
  const newest = Number(last?.revision ?? 0)
  const revision = atLimit?.revision ?? newest
  const rows = await base
    .select(['removed', 'recipient_id', 'entry'])
    .where('revision', '>', after)
    .where('revision', '<=', revision)
    .orderBy('revision')
    .orderBy('recipient_id')
    .execute()
  const entries = rows.filter((row) => !row.removed).map((row) => withoutPrivateContacts(storedEntry(row.entry)))
  return {
    revision: Math.max(revision, after),
    entries,
    removed: rows.filter((row) => row.removed).map((row) => row.recipient_id),
    more: revision < newest,
  }
}
