/** Committed shares, with their selection, consent and recipients. */
import type Database from 'better-sqlite3'
import { z } from 'zod'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import type { Language } from '../../../src-core/contract/identifiers.ts'
import { StoredTerms, type ShareTerms } from '../../../src-core/contract/terms/share-terms.ts'
import { parseJson } from '../../../src-core/parse-json.ts'
import { joinedValues } from '../../../src-core/patient/display-name.ts'
import { patientsOf } from '../../../src-core/patient/patients-of.ts'
import type { Actor, ShareHead, ShareRecord } from '../../ports/records.ts'
import { SelectedInstance } from '../../ports/selected-instance.ts'
import { StoredRecipient } from '../../ports/stored-json.ts'

const Instances = z.array(SelectedInstance)

export interface ShareRow extends Actor {
  readonly shareId: string
  readonly createdAt: string
  readonly terms: ShareTerms
  readonly mailLanguage: Language
  readonly PatientName: string
  readonly PatientID: string
  readonly instances: number
  readonly bytes: number
  readonly packageId: string | null
  readonly deliveredAt: string | null
  readonly expiresAt: string | null
  readonly withdrawnAt: string | null
}

type StoredShare = Omit<ShareRow, 'terms' | 'name'> & { terms: string; staffName: string }

export interface ShareStudyRow {
  readonly StudyInstanceUID: string
  readonly StudyDescription: string
  readonly StudyDate: string
  readonly instances: number
}

export class ShareTable {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  exists(shareId: string): boolean {
    return this.#database.prepare('SELECT 1 FROM share WHERE shareId = ?').get(shareId) !== undefined
  }

  /** @error share-not-found */
  row(shareId: string): ShareRow {
    const row = this.#database.prepare<[string], StoredShare>('SELECT * FROM share WHERE shareId = ?').get(shareId)
    if (!row) throw new OutpostError('share-not-found', { shareId })
    return fromStored(row)
  }

  /** @error share-not-found */
  record(shareId: string): ShareRecord {
    return { ...this.head(shareId), instances: this.instances(shareId) }
  }

  /** @error share-not-found */
  head(shareId: string): ShareHead {
    const { createdAt, terms, mailLanguage, packageId, staffId, name, organisationId, departmentId, workstationId } =
      this.row(shareId)
    const grants = this.#database
      .prepare<[string], { entry: string }>('SELECT entry FROM share_grant WHERE shareId = ? ORDER BY ordinal')
      .all(shareId)
    return {
      shareId,
      createdAt,
      terms,
      mailLanguage,
      packageId,
      actor: { staffId, name, organisationId, departmentId, workstationId },
      recipients: grants.map((grant) => parseJson(grant.entry, StoredRecipient, 'ledger-damaged')),
    }
  }

  instances(shareId: string): SelectedInstance[] {
    const selection = this.#database
      .prepare<[string], { instances: string }>('SELECT instances FROM share_selection WHERE shareId = ?')
      .get(shareId)
    return parseJson(selection?.instances ?? '[]', Instances, 'ledger-damaged')
  }

  studies(shareId: string): ShareStudyRow[] {
    return this.#database
      .prepare<[string], ShareStudyRow>(
        `SELECT StudyInstanceUID, StudyDescription, StudyDate, instances FROM share_study WHERE shareId = ?
          ORDER BY StudyDate DESC, StudyInstanceUID`,
      )
      .all(shareId)
  }

  /** Inserts share, selection, studies, consent and grants, inside the caller's transaction. */
  insert(record: ShareRecord, stars: ReadonlySet<string>): void {
    const { shareId, createdAt, actor, terms, instances } = record
    if (instances.length === 0) throw new OutpostError('empty-selection')
    const patients = patientsOf(instances)
    this.#database
      .prepare(`INSERT INTO share (shareId, createdAt, staffId, staffName, organisationId, departmentId, workstationId,
        terms, mailLanguage, PatientName, PatientID, instances, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(
        shareId,
        createdAt,
        actor.staffId,
        actor.name,
        actor.organisationId,
        actor.departmentId,
        actor.workstationId,
        JSON.stringify(terms),
        record.mailLanguage,
        joinedValues(patients.map(({ PatientName }) => PatientName)),
        joinedValues(patients.map(({ PatientID }) => PatientID)),
        instances.length,
        instances.reduce((sum, instance) => sum + instance.size, 0),
      )
    this.#database.prepare('INSERT INTO share_selection VALUES (?, ?)').run(shareId, JSON.stringify(instances))
    const study = this.#database.prepare(
      `INSERT INTO share_study VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET instances = instances + 1`,
    )
    for (const instance of instances)
      study.run(shareId, instance.StudyInstanceUID, instance.StudyDescription, instance.StudyDate)
    this.#database
      .prepare('INSERT INTO consent VALUES (?, ?, ?, ?, ?)')
      .run(shareId, terms.patientAgreed ? 1 : 0, terms.reason, createdAt, actor.staffId)
    const grant = this.#database.prepare(
      'INSERT INTO share_grant (shareId, recipientId, ordinal, entry, star) VALUES (?, ?, ?, ?, ?)',
    )
    record.recipients.forEach((recipient, ordinal) =>
      grant.run(
        shareId,
        recipient.recipientId,
        ordinal,
        JSON.stringify(recipient),
        stars.has(recipient.recipientId) ? 1 : 0,
      ),
    )
  }
}

export function fromStored(row: StoredShare): ShareRow {
  const { terms, staffName, ...rest } = row
  return { ...rest, name: staffName, terms: parseJson(terms, StoredTerms, 'ledger-damaged') }
}
