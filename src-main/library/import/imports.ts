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
import type { LibraryHost } from '../../ports/host.ts'
import type { Imports, ImportSummary } from '../../ports/imports.ts'
import type { Events } from '../../ports/services.ts'
import type { IndexReader } from '../../storage/index/index-reader.ts'
import type { Remote } from '../../storage/remote.ts'
import { failureCode } from './file-failure.ts'
import { flushFolder } from '../../../src-engine/files/flush-folder.ts'
import { COPIES, type FromImporter, type ImportAct, type ToImporter } from './import-messages.ts'
import { startLibraryThread, type LibraryThread } from '../library-thread.ts'
import { importPatients } from './import-patients.ts'

/**
 * Names inside the data folder: the folder for unfinished imports, and the library folder that receives finished ones.
 */
const STAGING = 'importing'
const IMPORTED = 'imported'
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

const isOver = ({ phase }: ImportState): boolean => phase === 'done' || phase === 'failed' || phase === 'cancelled'

/** Creates the imports of a data folder. */
export function openImports(options: ImportsOptions): Imports {
  return new ImportRunner(options)
}

class ImportRunner implements Imports {
  readonly #options: ImportsOptions
  readonly #stagingRoot: string
  /** Files that a power cut left in the staging folder were never part of the library, and are removed. */
  readonly #swept: Promise<void>
  #current: Running | null = null

  constructor(options: ImportsOptions) {
    this.#options = options
    this.#stagingRoot = path.join(options.host.dataFolder, STAGING)
    this.#swept = sweep(this.#stagingRoot)
  }

  async scan(source: string): Promise<{ importId: string }> {
    await this.#swept
    if (this.#current && !isOver(this.#current.state)) throw new OutpostError('import-running')
    const importId = randomUUID()
    const staging = path.join(this.#stagingRoot, importId)
    const thread = startLibraryThread(this.#options.host.entries.indexer, { task: 'import', source, staging })
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
    this.#current = running
    this.#listen(running)
    this.#options.events.emit({ type: 'folders' })
    return { importId }
  }

  state(importId: string): ImportState {
    return this.#find(importId).state
  }

  start(importId: string, choices: readonly ImportChoice[], record: (summary: ImportSummary) => Promise<void>): void {
    const running = this.#find(importId)
    if (running.state.phase !== 'ready') throw new OutpostError('not-in-this-state')
    const { patients } = running.state
    const acts = patients.map((patient) =>
      actOf(
        patient,
        choices.find((choice) => choice.patientKey === patient.patientKey),
      ),
    )
    const summary = summaryOf(importId, patients, choices)
    running.finish = () => this.#commit(running, summary, record)
    this.#update(running, { phase: 'copying' })
    const at = `${this.#options.host.now().toISOString().replace(/[-:T]/g, '').slice(0, 14)}.000000+0000`
    running.thread.worker.postMessage({
      kind: 'copy',
      acts,
      stamp: { AttributeModificationDateTime: at },
    } satisfies ToImporter)
  }

  async cancel(importId: string): Promise<void> {
    const running = this.#find(importId)
    if (isOver(running.state)) return
    if (running.committing) return running.committing
    running.cancelling = true
    running.thread.worker.postMessage({ kind: 'cancel' } satisfies ToImporter)
    const cancelTimer = setTimeout(() => void running.thread.terminate(), CANCEL_TIMEOUT_MS)
    await running.thread.ended
    clearTimeout(cancelTimer)
    await this.#end(running, 'cancelled', null)
  }

  async close(): Promise<void> {
    const running = this.#current
    if (!running || isOver(running.state)) return
    if (running.committing) return running.committing
    running.cancelling = true
    await running.thread.terminate()
    await this.#end(running, 'cancelled', null)
  }

  /** @error import-not-found */
  #find(importId: string): Running {
    if (this.#current?.state.importId !== importId) throw new OutpostError('import-not-found')
    return this.#current
  }

  #update(running: Running, state: Partial<ImportState>): void {
    running.state = { ...running.state, ...state }
    this.#options.events.emit({ type: 'folders' })
  }

  async #end(running: Running, phase: 'done' | 'failed' | 'cancelled', reason: string | null): Promise<void> {
    // The staging folder is removed before the end of the import is reported.
    running.ending ??= rm(running.staging, { recursive: true, force: true })
      .catch(() => {})
      .then(() => this.#update(running, { phase, reason, progress: null }))
    return running.ending
  }

  #listen(running: Running): void {
    const { worker } = running.thread
    let lastTaken = Promise.resolve()
    worker.on('message', (message: FromImporter) => {
      lastTaken = lastTaken
        .then(() => this.#take(running, message))
        .catch(() => this.#end(running, 'failed', 'internal'))
    })
    worker.on('error', (error) => {
      this.#options.onFailure(error)
      void this.#end(running, 'failed', 'internal')
    })
    // The thread ended without a message.
    worker.on(
      'exit',
      () =>
        void lastTaken.then(() =>
          running.committing
            ? undefined
            : this.#end(running, running.cancelling ? 'cancelled' : 'failed', running.cancelling ? null : 'internal'),
        ),
    )
  }

  async #take(running: Running, message: FromImporter): Promise<void> {
    if (running.ending) return
    switch (message.kind) {
      case 'ready':
        return
      case 'progress':
        return this.#update(running, { progress: message.progress })
      case 'failed':
        return this.#end(
          running,
          message.code === 'cancelled' ? 'cancelled' : 'failed',
          message.code === 'cancelled' ? null : message.code,
        )
      case 'found':
        return this.#update(running, {
          phase: 'ready',
          progress: null,
          skipped: message.found.skipped,
          missing: message.found.missing,
          patients: await importPatients(message.found, this.#options),
        })
      case 'copied':
        if (running.cancelling) return this.#end(running, 'cancelled', null)
        return (running.committing = running.finish!())
    }
  }

  /** Moves the copies from the staging folder into the library, by one rename. */
  async #commit(
    running: Running,
    summary: ImportSummary,
    record: (summary: ImportSummary) => Promise<void>,
  ): Promise<void> {
    const library = path.join(this.#options.host.dataFolder, IMPORTED)
    const target = path.join(
      library,
      `${this.#options.host.now().toISOString().slice(0, 10)}-${summary.importId.slice(0, 8)}`,
    )
    try {
      await mkdir(library, { recursive: true, mode: 0o700 })
      await rename(path.join(running.staging, COPIES), target)
      await flushFolder(library)
      await record(summary)
    } catch (error) {
      await rm(target, { recursive: true, force: true })
      return this.#end(running, 'failed', error instanceof OutpostError ? codeOf(error) : failureCode(error))
    }
    const { folderId } = await this.#options.addFolder(library)
    await this.#options.rescan(folderId)
    return this.#end(running, 'done', null)
  }
}

function summaryOf(
  importId: string,
  patients: readonly ImportPatient[],
  choices: readonly ImportChoice[],
): ImportSummary {
  const count = (wanted: ImportChoice['choice']): number =>
    patients.filter(({ patientKey }) => choices.find((choice) => choice.patientKey === patientKey)?.choice === wanted)
      .length
  return {
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
}

/** @error import-choice-missing */
function actOf(patient: ImportPatient, choice: ImportChoice | undefined): ImportAct {
  switch (choice?.choice) {
    case 'accept':
      return { identity: null }
    case 'correct': {
      const match = patient.matches.find(({ matchKey }) => matchKey === choice.matchKey)
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
