/**
 * The sign-offs of pixel reviews (D5). Each holds for one state of a file, so that a changed file needs a new review.
 */
import type Database from 'better-sqlite3'
import { z } from 'zod'
import type { AuditEntry } from '../../../src-core/audit/audit-entry.ts'
import { PixelRegion } from '../../../src-core/contract/deidentification.ts'
import { parseJson } from '../../../src-core/parse-json.ts'
import type { AuditLog } from './audit-log.ts'

/** The state of a file. Times are compared in whole milliseconds, because some file systems store no fractions. */
export interface FileState {
  readonly SOPInstanceUID: string
  readonly size: number
  readonly mtimeMs: number
}

export interface SignOff {
  readonly at: string
  readonly staffId: string
  readonly staffName: string
  readonly regions: readonly PixelRegion[]
}

export interface NewSignOff extends SignOff {
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly instances: readonly FileState[]
}

const Regions = z.array(PixelRegion)
type StoredSignOff = Omit<SignOff, 'regions'> & { regions: string }

export class SignOffs {
  readonly #database: Database.Database
  readonly #audit: AuditLog

  constructor(database: Database.Database, audit: AuditLog) {
    this.#database = database
    this.#audit = audit
  }

  /** Stores the sign-off with its instances and its audit entry, in one transaction. */
  save(signOff: NewSignOff, entry: AuditEntry): void {
    const { at, staffId, staffName, StudyInstanceUID, SeriesInstanceUID, regions, instances } = signOff
    this.#database
      .transaction(() => {
        const { lastInsertRowid } = this.#database
          .prepare(
            `INSERT INTO sign_off (at, staffId, staffName, StudyInstanceUID, SeriesInstanceUID, regions)
              VALUES (?, ?, ?, ?, ?, ?)`,
          )
          .run(at, staffId, staffName, StudyInstanceUID, SeriesInstanceUID, JSON.stringify(regions))
        const insert = this.#database.prepare('INSERT INTO signed_instance VALUES (?, ?, ?, ?)')
        for (const { SOPInstanceUID, size, mtimeMs } of instances)
          insert.run(SOPInstanceUID, size, Math.floor(mtimeMs), lastInsertRowid)
        this.#audit.append(entry)
      })
      .immediate()
  }

  /** The latest sign-off of each of these states, in their order; null where the state was not reviewed. */
  of(states: readonly FileState[]): (SignOff | null)[] {
    return latestSignOffs(this.#database, states)
  }

  /** The regions of the last review of a series; null when it was never reviewed. */
  regionsOfSeries(SeriesInstanceUID: string): PixelRegion[] | null {
    const latest = this.#database
      .prepare<[string], { regions: string }>(
        'SELECT regions FROM sign_off WHERE SeriesInstanceUID = ? ORDER BY signOffId DESC LIMIT 1',
      )
      .get(SeriesInstanceUID)
    return latest ? parseJson(latest.regions, Regions, 'ledger-damaged') : null
  }
}

/** The implementation of SignOffs.of. @param ledger open at least for reading */
export function latestSignOffs(ledger: Database.Database, states: readonly FileState[]): (SignOff | null)[] {
  const latest = ledger.prepare<
    [string, number, number],
    StoredSignOff
  >(`SELECT at, staffId, staffName, regions FROM signed_instance JOIN sign_off USING (signOffId)
    WHERE SOPInstanceUID = ? AND size = ? AND mtimeMs = ? ORDER BY signOffId DESC LIMIT 1`)
  return states.map(({ SOPInstanceUID, size, mtimeMs }) => {
    const signOff = latest.get(SOPInstanceUID, size, Math.floor(mtimeMs))
    return signOff ? { ...signOff, regions: parseJson(signOff.regions, Regions, 'ledger-damaged') } : null
  })
}
