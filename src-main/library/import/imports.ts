/**
 * Imports from discs, USB drives and ZIP files (X7): one at a time, into a folder of the library, completely or not at
 * all.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { codeOf, OutpostError } from '../../../src-core/contract/errors.ts'
import type { ImportChoice, ImportIdentity, ImportPatient, ImportState } from '../../../src-core/contract/import.ts'
import type { Selection } from '../../../src-core/contract/terms.ts'
import type { LibraryHost } from '../../ports/host.ts'
import type { Imports, ImportSummary } from '../../ports/imports.ts'
import type { Events } from '../../ports/services.ts'
import type { IndexReader } from '../../storage/index/index-reader.ts'
import type { Remote } from '../../storage/remote.ts'
import { failureCode } from './file-failure.ts'
import { flushFolder } from '../../../src-engine/files/flush-folder.ts'
import {
  COPIES,
  type Found,
  type FoundPatient,
  type FromImporter,
  type ImportAct,
  type ToImporter,
} from './import-messages.ts'
import { startLibraryThread, type LibraryThread } from '../library-thread.ts'
import { byLikeness, likeness } from './match-patient.ts'

/**
 * Names inside the data folder: the folder for unfinished imports, and the library folder that receives finished ones.
 */
const STAGING = 'importing'
const IMPORTED = 'imported'
const MOST_MATCHES = 8
/** Milliseconds to wait after cancelling. A thread that hangs while it reads a damaged disc is then abandoned. */
const CANCEL_TIMEOUT_MS = 5000

export interface ImportsOptions {
  readonly host: LibraryHost
  readonly events: Events
  readonly index: Remote<IndexReader>
  addFolder(folder: string): Promise<{ folderId: string }>
  rescan(folderId: string): Promise<void>
  /** Called with an error that ended the thread of an import. */
  readonly onFailure: (error: unknown) => void
}

interface Running {
  state: ImportState
  readonly thread: LibraryThread
  readonly staging: string
  finish: (() => Promise<void>) | null
  /** Set when it is too late to cancel, because the copies are being moved into the library. */
  committing: Promise<void> | null
  cancelling: boolean
  ending: Promise<void> | null
}

export function openImports(options: ImportsOptions): Imports {
  const { host, events, index } = options
  const stagingRoot = path.join(host.dataFolder, STAGING)
  let current: Running | null = null
  // Files that a power cut left in the staging folder were never part of the library.
  const swept = sweep(stagingRoot)

  const find = (importId: string): Running => {
    if (current?.state.importId !== importId) throw new OutpostError('import-not-found')
    return current
  }
  const update = (running: Running, state: Partial<ImportState>): void => {
    running.state = { ...running.state, ...state }
    events.emit({ type: 'folders' })
  }
  const over = ({ phase }: ImportState): boolean => phase === 'done' || phase === 'failed' || phase === 'cancelled'
  const end = async (
    running: Running,
    phase: 'done' | 'failed' | 'cancelled',
    reason: string | null,
  ): Promise<void> => {
    // The staging folder is removed before the end of the import is reported.
    running.ending ??= rm(running.staging, { recursive: true, force: true })
      .catch(() => {})
      .then(() => update(running, { phase, reason, progress: null }))
    return running.ending
  }

  async function heard(running: Running, message: FromImporter): Promise<void> {
    if (running.ending) return
    switch (message.kind) {
      case 'ready':
        return
      case 'progress':
        return update(running, { progress: message.progress })
      case 'failed':
        return end(
          running,
          message.code === 'cancelled' ? 'cancelled' : 'failed',
          message.code === 'cancelled' ? null : message.code,
        )
      case 'found':
        return update(running, {
          phase: 'ready',
          progress: null,
          skipped: message.found.skipped,
          missing: message.found.missing,
          patients: await beside(message.found),
        })
      case 'copied':
        if (running.cancelling) return end(running, 'cancelled', null)
        return (running.committing = running.finish!())
    }
  }

  /** The patients of the source, each with the similar patients of the library. */
  async function beside(found: Found): Promise<ImportPatient[]> {
    return Promise.all(
      found.patients.map(async (patient, place): Promise<ImportPatient> => {
        const candidates = await index.patientsLike(patient.identity.PatientID, patient.identity.PatientBirthDate)
        const matches = candidates
          .flatMap(({ studies, ...identity }) => {
            const like = likeness(patient.identity, identity)
            return like === null ? [] : [{ identity, studies, likeness: like }]
          })
          .sort(byLikeness)
          .slice(0, MOST_MATCHES)
          .map((match, key) => ({ matchKey: String(key), ...match }))
        return {
          patientKey: String(place),
          identity: patient.identity,
          bytes: patient.bytes,
          matches,
          known: await knownOf(patient),
          studies: patient.studies.map(({ SOPInstanceUIDs, ...study }) => ({
            ...study,
            ModalitiesInStudy: [...study.ModalitiesInStudy],
            instances: new Set(SOPInstanceUIDs).size,
          })) as ImportPatient['studies'],
          instances: patient.studies.reduce((sum, study) => sum + new Set(study.SOPInstanceUIDs).size, 0),
          // No question is needed only when every match is certain.
          proposal: matches.every((match) => match.likeness === 'same') ? 'accept' : null,
        }
      }),
    )
  }

  async function knownOf({ studies }: FoundPatient): Promise<number> {
    let known = 0
    for (const { StudyInstanceUID, SOPInstanceUIDs } of studies) {
      const selection = { studies: [{ StudyInstanceUID, series: null }], leftOut: [] } as unknown as Selection
      const held = await index.selected(selection, host.now().getTime()).catch(() => null)
      const there = new Set(held?.instances.map((instance) => instance.SOPInstanceUID as string))
      known += [...new Set(SOPInstanceUIDs)].filter((uid) => there.has(uid)).length
    }
    return known
  }

  /** Moves the copies from the staging folder into the library, by one rename. */
  async function commit(
    running: Running,
    summary: ImportSummary,
    record: (summary: ImportSummary) => Promise<void>,
  ): Promise<void> {
    const library = path.join(host.dataFolder, IMPORTED)
    const place = path.join(library, `${host.now().toISOString().slice(0, 10)}-${summary.importId.slice(0, 8)}`)
    try {
      await mkdir(library, { recursive: true, mode: 0o700 })
      await rename(path.join(running.staging, COPIES), place)
      await flushFolder(library)
      await record(summary)
    } catch (error) {
      await rm(place, { recursive: true, force: true })
      return end(running, 'failed', error instanceof OutpostError ? codeOf(error) : failureCode(error))
    }
    const { folderId } = await options.addFolder(library)
    await options.rescan(folderId)
    return end(running, 'done', null)
  }

  return {
    async scan(source) {
      await swept
      if (current && !over(current.state)) throw new OutpostError('import-running')
      const importId = randomUUID()
      const staging = path.join(stagingRoot, importId)
      const thread = startLibraryThread(host.entries.indexer, { task: 'import', source, staging })
      const { worker } = thread
      const running: Running = {
        thread,
        staging,
        finish: null,
        committing: null,
        cancelling: false,
        ending: null,
        state: {
          importId,
          name: path.basename(source) || source,
          phase: 'scanning',
          reason: null,
          progress: null,
          patients: [],
          skipped: 0,
          missing: 0,
        } as ImportState,
      }
      current = running
      let heardLast = Promise.resolve()
      worker.on('message', (message: FromImporter) => {
        heardLast = heardLast.then(() => heard(running, message)).catch(() => end(running, 'failed', 'internal'))
      })
      worker.on('error', (error) => {
        options.onFailure(error)
        void end(running, 'failed', 'internal')
      })
      // The thread ended without a message.
      worker.on(
        'exit',
        () =>
          void heardLast.then(() =>
            running.committing
              ? undefined
              : end(running, running.cancelling ? 'cancelled' : 'failed', running.cancelling ? null : 'internal'),
          ),
      )
      events.emit({ type: 'folders' })
      return { importId }
    },
    state: (importId) => find(importId).state,
    start(importId, choices, record) {
      const running = find(importId)
      if (running.state.phase !== 'ready') throw new OutpostError('not-in-this-state')
      const { patients } = running.state
      const acts = patients.map((patient) =>
        actOf(
          patient,
          choices.find((choice) => choice.patientKey === patient.patientKey),
        ),
      )
      const count = (choice: ImportChoice['choice']): number =>
        patients.filter(({ patientKey }) => choices.find((one) => one.patientKey === patientKey)?.choice === choice)
          .length
      const summary: ImportSummary = {
        importId,
        patients: patients.length,
        instances: patients.reduce((sum, patient) => sum + patient.instances, 0),
        studies: [
          ...new Set(patients.flatMap((patient) => patient.studies.map((study) => study.StudyInstanceUID as string))),
        ],
        accepted: count('accept'),
        corrected: count('correct'),
        apart: count('apart'),
      }
      running.finish = () => commit(running, summary, record)
      update(running, { phase: 'copying' })
      const at = `${host.now().toISOString().replace(/[-:T]/g, '').slice(0, 14)}.000000+0000`
      running.thread.worker.postMessage({
        kind: 'copy',
        acts,
        stamp: { AttributeModificationDateTime: at },
      } satisfies ToImporter)
    },
    async cancel(importId) {
      const running = find(importId)
      if (over(running.state)) return
      if (running.committing) return running.committing
      running.cancelling = true
      running.thread.worker.postMessage({ kind: 'cancel' } satisfies ToImporter)
      const cancelTimer = setTimeout(() => void running.thread.terminate(), CANCEL_TIMEOUT_MS)
      await running.thread.ended
      clearTimeout(cancelTimer)
      await end(running, 'cancelled', null)
    },
    async close() {
      if (!current || over(current.state)) return
      if (current.committing) return current.committing
      current.cancelling = true
      await current.thread.terminate()
      await end(current, 'cancelled', null)
    },
  }
}

/** @error import-choice-missing */
function actOf(patient: ImportPatient, choice: ImportChoice | undefined): ImportAct {
  switch (choice?.choice) {
    case 'accept':
      return { identity: null }
    case 'correct': {
      const match = patient.matches.find((one) => one.matchKey === choice.matchKey)
      if (!match) throw new OutpostError('import-choice-missing')
      return { identity: match.identity }
    }
    case 'apart':
      return { identity: markOf(patient.identity) }
    case undefined:
      throw new OutpostError('import-choice-missing')
  }
}

/** An issuer that no other patient has: the same number with this issuer identifies a different patient. */
function markOf({ PatientID }: ImportIdentity): Partial<ImportIdentity> {
  const mark = `OUTPOST-IMPORT-${randomBytes(6).toString('hex').toUpperCase()}`
  return { IssuerOfPatientID: mark, ...(PatientID === '' && { PatientID: mark }) }
}

async function sweep(stagingRoot: string): Promise<void> {
  if (!existsSync(stagingRoot)) return
  for (const name of readdirSync(stagingRoot))
    await rm(path.join(stagingRoot, name), { recursive: true, force: true }).catch(() => {})
}
