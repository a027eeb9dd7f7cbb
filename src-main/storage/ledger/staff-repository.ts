/** The enrolment, the staff of the department, and the preferences and favourites of each. */
import type Database from 'better-sqlite3'
import { z } from 'zod'
import type { AuditEntry } from '../../../src-core/audit/audit-entry.ts'
import type { OrganisationState, StaffRecord } from '../../../src-core/contract/relay.ts'
import { parseJson, tryParseJson } from '../../../src-core/parse-json.ts'
import { StaffPreferences, StoredEnrolment } from '../../ports/stored-json.ts'
import type { AuditLog } from './audit-log.ts'
import { Favourites } from './favourites.ts'

/** The enrolment without its secret, and without its staff, who have their own table. */
export type KnownEnrolment = z.infer<typeof StoredEnrolment> & { readonly relayUrl: string }

export class StaffRepository {
  readonly #database: Database.Database
  readonly #audit: AuditLog
  readonly #favourites: Favourites

  constructor(database: Database.Database, audit: AuditLog) {
    this.#database = database
    this.#audit = audit
    this.#favourites = new Favourites(database)
  }

  enrolment(): KnownEnrolment | null {
    const row = this.#database
      .prepare<[], { relayUrl: string; enrolment: string }>('SELECT relayUrl, enrolment FROM enrolment')
      .get()
    return row ? { ...parseJson(row.enrolment, StoredEnrolment, 'ledger-damaged'), relayUrl: row.relayUrl } : null
  }

  /** Stores the enrolment, its staff and the audit entry, in one transaction. */
  saveEnrolment(enrolment: KnownEnrolment, staff: readonly StaffRecord[], entry: AuditEntry): void {
    const { relayUrl, ...rest } = enrolment
    this.#database
      .transaction(() => {
        this.#database
          .prepare('INSERT INTO enrolment VALUES (1, ?, ?, ?)')
          .run(relayUrl, JSON.stringify(rest), entry.at)
        this.#replaceStaff(staff)
        this.#audit.append(entry)
      })
      .immediate()
  }

  /**
   * Stores policy, protocol and staff from the relay. A person who left the department is thereby removed at the next
   * contact (W18).
   */
  updateOrganisation({ staff, ...state }: OrganisationState): void {
    this.#database
      .transaction(() => {
        const enrolment = this.enrolment()
        if (!enrolment) return
        const { relayUrl: _, protocol: _before, ...rest } = enrolment
        this.#database.prepare('UPDATE enrolment SET enrolment = ?').run(JSON.stringify({ ...rest, ...state }))
        this.#replaceStaff(staff)
      })
      .immediate()
  }

  /** The staff, in the order of the organisation. */
  staff(): StaffRecord[] {
    return this.#database
      .prepare<[], StaffRecord>('SELECT staffId, name, role, language FROM staff ORDER BY ordinal')
      .all()
  }

  /** Counts a further wrong try in advance; a right password resets the count. @returns the number before */
  countTry(subject: string): number {
    const { refused } = this.#database
      .prepare<[string], { refused: number }>(
        'INSERT INTO sign_in_try VALUES (?, 1) ON CONFLICT DO UPDATE SET refused = refused + 1 RETURNING refused',
      )
      .get(subject)!
    return refused - 1
  }

  setTries(subject: string, refused: number): void {
    this.#database.prepare('INSERT OR REPLACE INTO sign_in_try VALUES (?, ?)').run(subject, refused)
  }

  preferences(staffId: string): StaffPreferences {
    const rows = this.#database
      .prepare<[string], { name: string; value: string }>('SELECT name, value FROM preference WHERE staffId = ?')
      .all(staffId)
    const values = rows.map((row) => [row.name, tryParseJson(row.value, z.unknown())])
    return StaffPreferences.parse(Object.fromEntries(values))
  }

  setPreferences(staffId: string, values: StaffPreferences, entry?: AuditEntry): void {
    this.#database
      .transaction(() => {
        const save = this.#database.prepare(
          'INSERT INTO preference VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
        )
        for (const [name, value] of Object.entries(values))
          if (value !== undefined) save.run(staffId, name, JSON.stringify(value))
        if (entry) this.#audit.append(entry)
      })
      .immediate()
  }

  favourites(staffId: string): string[] {
    return this.#favourites.of(staffId)
  }

  setFavourite(staffId: string, recipientId: string, favourite: boolean, now: string): void {
    this.#favourites.set(staffId, recipientId, favourite, now)
  }

  #replaceStaff(staff: readonly StaffRecord[]): void {
    this.#database.prepare('DELETE FROM staff').run()
    const insert = this.#database.prepare('INSERT INTO staff VALUES (?, ?, ?, ?, ?)')
    staff.forEach((member, ordinal) => insert.run(member.staffId, member.name, member.role, member.language, ordinal))
  }
}
