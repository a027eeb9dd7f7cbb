/**
 * directory.db: the recipients, searchable while a person types, also without a connection (U3, S8). It can be fetched
 * again from the relay.
 */
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { ListedEntry, type DirectoryEntry } from '../../../src-core/contract/recipients.ts'
import { tryParseJson } from '../../../src-core/parse-json.ts'
import { withoutPrivateContacts } from '../../../src-core/directory/contacts.ts'
import {
  entryWords,
  nameWords,
  withinEditDistance1,
  queryWords,
  MIN_FUZZY_LENGTH,
  withOneLetterDeleted,
} from '../../../src-core/directory/search-words.ts'
import { openRebuildable, type Migration } from '../database.ts'
import { entriesMigration } from './migrations/0001-entries.ts'
import { maskedContactsMigration } from './migrations/0002-masked-contacts.ts'

export const DIRECTORY_MIGRATIONS: readonly Migration[] = [entriesMigration, maskedContactsMigration]

/** Opens the database. A damaged one is deleted and fetched again from the relay. @error data-from-newer-version */
export function openDirectoryDatabase(dataFolder: string): Database.Database {
  return openRebuildable(join(dataFolder, 'directory.db'), DIRECTORY_MIGRATIONS)
}

/** The largest rank that is distinguished. Each rank has space for 2^31 entries below SQLite's largest row id. */
const TOP_RANK = 2 ** 20
const PER_RANK = 2 ** 31
/** Largest number of words that a misspelled word may stand for; more would match most recipients. */
const MAX_FUZZY_TERMS = 20

export class DirectoryIndex {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  /** The revision of the relay's directory up to which changes were stored. */
  revision(): number {
    return this.#database.prepare<[], { revision: number }>('SELECT revision FROM revision').get()?.revision ?? 0
  }

  /** Stores the changes since a revision, and the new revision, in one transaction. */
  applyChanges(changes: {
    readonly revision: number
    readonly entries: readonly DirectoryEntry[]
    readonly removed: readonly string[]
  }): void {
    this.#database
      .transaction(() => {
        for (const recipientId of changes.removed) this.#remove(recipientId)
        this.#put(changes.entries)
        this.#database.prepare('UPDATE revision SET revision = ?').run(changes.revision)
      })
      .immediate()
  }

  /** Adds entries, and replaces those with the same id. */
  put(entries: readonly DirectoryEntry[]): { added: number; changed: number; total: number } {
    return this.#database
      .transaction(() => {
        const before = this.#count()
        this.#put(entries)
        const total = this.#count()
        const distinct = new Set(entries.map((entry) => entry.recipientId)).size
        return { added: total - before, changed: distinct - (total - before), total }
      })
      .immediate()
  }

  /** The known entries among the ids, in the order of the ids. */
  byIds(recipientIds: readonly string[]): DirectoryEntry[] {
    const find = this.#database.prepare<[string], { entry: string }>('SELECT entry FROM entry WHERE recipientId = ?')
    return recipientIds.flatMap((id) => entryOf(find.get(id)))
  }

  /**
   * The best matches: favourites first, then by rank. When too few entries match every word, words of names may differ
   * by one edit.
   * @param favourites ids that are listed before all others
   */
  search(text: string, limit: number, favourites: readonly string[] = []): DirectoryEntry[] {
    const queryTerms = queryWords(text)
    if (queryTerms.length === 0) return []
    const exact = queryTerms.map(anyBeginning)
    const rowIds = new Set([...this.#among(exact, favourites), ...this.#match(exact, limit)])
    if (rowIds.size < limit) {
      const forgiving = queryTerms.map((readings) => this.#meant(readings))
      if (forgiving.some((each, index) => each !== exact[index]))
        for (const rowId of [...this.#among(forgiving, favourites), ...this.#match(forgiving, limit)]) rowIds.add(rowId)
    }
    const read = this.#database.prepare<[number], { entry: string }>('SELECT entry FROM entry WHERE rowId = ?')
    return [...rowIds].slice(0, limit).flatMap((rowId) => entryOf(read.get(rowId)))
  }

  #match(words: readonly string[], limit: number): number[] {
    return this.#database
      .prepare<[string, number], { rowId: number }>(
        'SELECT rowid AS rowId FROM entry_words WHERE entry_words MATCH ? ORDER BY rowid LIMIT ?',
      )
      .all(words.join(' AND '), limit)
      .map((row) => row.rowId)
  }

  #among(words: readonly string[], recipientIds: readonly string[]): number[] {
    if (recipientIds.length === 0) return []
    return this.#database
      .prepare<[string, string], { rowId: number }>(`SELECT rowid AS rowId FROM entry_words WHERE entry_words MATCH ?
      AND rowid IN (SELECT rowId FROM entry WHERE recipientId IN (SELECT value FROM json_each(?))) ORDER BY rowid`)
      .all(words.join(' AND '), JSON.stringify(recipientIds))
      .map((row) => row.rowId)
  }

  /**
   * The FTS5 expression for a word: the beginnings that it may stand for, or words of names that differ by one edit.
   */
  #meant(readings: readonly string[]): string {
    const [word = ''] = readings
    if (word.length < MIN_FUZZY_LENGTH || /\d/.test(word)) return anyBeginning(readings)
    const near = this.#database
      .prepare<[string], { word: string }>(
        'SELECT DISTINCT word FROM slip WHERE form IN (SELECT value FROM json_each(?))',
      )
      .all(JSON.stringify(withOneLetterDeleted(word)))
      .map((row) => row.word)
      .filter((each) => each !== word && withinEditDistance1(each, word))
      .slice(0, MAX_FUZZY_TERMS)
    return near.length === 0
      ? beginning(word)
      : `(${[beginning(word), ...near.map((each) => `"${each}"`)].join(' OR ')})`
  }

  /** Contacts that are not public are never stored here, whatever the source: only the relay writes to them. */
  #put(entries: readonly DirectoryEntry[]): void {
    const highest = this.#database.prepare<[number, number], { rowId: number }>(
      'SELECT rowId FROM entry WHERE rowId >= ? AND rowId < ? ORDER BY rowId DESC LIMIT 1',
    )
    const insert = this.#database.prepare('INSERT INTO entry VALUES (?, ?, ?)')
    const index = this.#database.prepare('INSERT INTO entry_words (rowid, words) VALUES (?, ?)')
    const slip = this.#database.prepare('INSERT OR IGNORE INTO slip VALUES (?, ?)')
    const slipKnown = this.#database.prepare('SELECT 1 FROM slip WHERE form = ? AND word = ?')
    const next = new Map<number, number>()
    for (const entry of entries) {
      this.#remove(entry.recipientId)
      const base = (TOP_RANK - Math.min(Math.max(entry.rank, 0), TOP_RANK)) * PER_RANK
      const rowId = next.get(base) ?? Math.max((highest.get(base, base + PER_RANK)?.rowId ?? base) + 1, base + 1)
      next.set(base, rowId + 1)
      insert.run(rowId, entry.recipientId, JSON.stringify(withoutPrivateContacts(entry)))
      index.run(rowId, entryWords(entry).join(' '))
      for (const word of nameWords(entry)) {
        if (slipKnown.get(word, word) === undefined) for (const form of withOneLetterDeleted(word)) slip.run(form, word)
      }
    }
  }

  #remove(recipientId: string): void {
    const row = this.#database
      .prepare<[string], { rowId: number }>('SELECT rowId FROM entry WHERE recipientId = ?')
      .get(recipientId)
    if (!row) return
    this.#database.prepare('DELETE FROM entry_words WHERE rowid = ?').run(row.rowId)
    this.#database.prepare('DELETE FROM entry WHERE rowId = ?').run(row.rowId)
  }

  #count(): number {
    return this.#database.prepare<[], { count: number }>('SELECT count(*) AS count FROM entry').get()?.count ?? 0
  }
}

/** An entry that this version cannot read is left out; the relay sends it again when it changes. */
function entryOf(row: { entry: string } | undefined): DirectoryEntry[] {
  const entry = row && tryParseJson(row.entry, ListedEntry)
  return entry === undefined ? [] : [entry]
}

function anyBeginning(readings: readonly string[]): string {
  return readings.length === 1 ? beginning(readings[0] ?? '') : `(${readings.map(beginning).join(' OR ')})`
}

/** An FTS5 prefix query. Words contain only letters and digits, so no quote can end the string early. */
function beginning(word: string): string {
  return `"${word}"*`
}
