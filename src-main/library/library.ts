/** The library: its folders, the thread that indexes them, and queries of the index (W1, W2). */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { Folder } from '../../src-core/contract/studies.ts'
import type { LibraryHost } from '../ports/host.ts'
import type { Events, Library } from '../ports/services.ts'
import type { IndexReader } from '../storage/index/index-reader.ts'
import type { Remote } from '../storage/remote.ts'
import { storageFailure } from '../storage/storage-failure.ts'
import { dicomWebSource } from './dicomweb-source.ts'
import { FolderList } from './folder-list.ts'
import type { ScanProgress } from './folder-scan.ts'
import { openImports } from './import/imports.ts'
import type { FromIndexer, ToIndexer } from './indexer-messages.ts'
import { startLibraryThread } from './library-thread.ts'

export interface LibraryOptions {
  readonly host: LibraryHost
  readonly events: Events
  /** Reads index.db in the storage worker. */
  readonly index: Remote<IndexReader>
  /** Called with an error that ended a thread of the library: the indexer, or an import. */
  readonly onFailure?: (error: unknown) => void
}

interface FolderState {
  missing: boolean
  running: boolean
  /** Why a present folder was not read to its end. */
  code: ErrorCode | null
  progress: ScanProgress | null
}

/** The states of the folders, kept up to date by the messages of the indexer. */
class FolderStates {
  readonly #states = new Map<string, FolderState>()
  readonly #removals = new Map<string, () => void>()
  readonly #events: Events

  constructor(events: Events) {
    this.#events = events
  }

  of(folderId: string): FolderState {
    let state = this.#states.get(folderId)
    if (!state) this.#states.set(folderId, (state = { missing: false, running: true, code: null, progress: null }))
    return state
  }

  /** Resolves when the indexer has removed the folder, or has ended with an error. */
  removed(folderId: string): Promise<void> {
    return new Promise<void>((resolve) => this.#removals.set(folderId, resolve))
  }

  take(message: FromIndexer): void {
    switch (message.kind) {
      case 'progress':
        Object.assign(this.of(message.folderId), { running: true, missing: false, progress: message.progress })
        return this.#events.emit({ type: 'folders' })
      case 'finished':
        Object.assign(this.of(message.folderId), {
          running: false,
          missing: message.counts === null && message.code === null,
          code: message.code,
          progress: null,
        })
        return this.#events.emit({ type: 'folders' })
      case 'changed':
        return this.#events.emit({ type: 'library' })
      case 'removed':
        this.#states.delete(message.folderId)
        this.#removals.get(message.folderId)?.()
        this.#removals.delete(message.folderId)
        return this.#events.emit({ type: 'folders' })
    }
  }

  /**
   * Marks every folder as not updated. An error of the indexer does not concern queries of the index, so browsing
   * continues.
   */
  fail(code: ErrorCode): void {
    for (const state of this.#states.values()) Object.assign(state, { running: false, code, progress: null })
    for (const resolve of this.#removals.values()) resolve()
    this.#events.emit({ type: 'folders' })
  }
}

type FolderActions = Pick<Library, 'folders' | 'addFolder' | 'removeFolder' | 'rescan' | 'pause'>

interface FolderActionsOptions {
  readonly list: FolderList
  readonly states: FolderStates
  readonly index: Remote<IndexReader>
  readonly events: Events
  /** Resolves when the indexer has ended. */
  readonly ended: Promise<void>
  tell(message: ToIndexer): void
}

function folderActions({ list, states, index, events, ended, tell }: FolderActionsOptions): FolderActions {
  /** @error folder-missing */
  const entryOf = (folderId: string) => {
    const entry = list.find(folderId)
    if (!entry) throw new OutpostError('folder-missing')
    return entry
  }
  return {
    async folders() {
      const counts = new Map((await index.folders()).map((row) => [row.folderId, row]))
      return list.all().map(({ folderId, path: folder, paused }): Folder => {
        const { files = 0, indexed = 0, skipped = 0 } = counts.get(folderId) ?? {}
        const { missing, running, code, progress } = states.of(folderId)
        const shown = missing ? 'missing' : paused ? 'paused' : running ? 'indexing' : 'watching'
        const name = path.basename(folder) || folder
        return { folderId, name, state: shown, code, files, indexed, skipped, progress }
      })
    },
    async addFolder(folder) {
      try {
        readdirSync(folder)
      } catch (error) {
        throw new OutpostError(existsSync(folder) ? 'folder-not-readable' : 'folder-missing', {}, { cause: error })
      }
      const { folderId, path: full } = list.add(folder)
      states.of(folderId).running = true
      tell({ kind: 'watch', folderId, path: full })
      events.emit({ type: 'folders' })
      return { folderId }
    },
    async removeFolder(folderId) {
      const { path: full } = entryOf(folderId)
      list.remove(folderId)
      const removed = states.removed(folderId)
      tell({ kind: 'remove', folderId, path: full })
      await Promise.race([removed, ended])
    },
    async rescan(folderId) {
      const { path: full } = entryOf(folderId)
      states.of(folderId).running = true
      tell({ kind: 'scan', folderId, path: full })
      events.emit({ type: 'folders' })
    },
    async pause(folderId, paused) {
      entryOf(folderId)
      list.pause(folderId, paused)
      tell({ kind: 'pause', folderId, paused })
      events.emit({ type: 'folders' })
    },
  }
}

/** Starts the indexer. Every folder of the list is then compared with the index and watched. */
export function openLibrary({ host, events, index, onFailure = () => {} }: LibraryOptions): Library {
  const list = new FolderList(host.dataFolder)
  const states = new FolderStates(events)
  const { worker, ended } = startLibraryThread(host.entries.indexer, { task: 'index', dataFolder: host.dataFolder })
  const tell = (message: ToIndexer): void => worker.postMessage(message)
  worker.on('message', (message: FromIndexer) => states.take(message))
  worker.on('error', (error) => {
    onFailure(error)
    states.fail(codeOf(storageFailure(error)))
  })
  for (const entry of list.all()) {
    if (entry.paused) tell({ kind: 'pause', folderId: entry.folderId, paused: true })
    states.of(entry.folderId)
    tell({ kind: 'watch', folderId: entry.folderId, path: entry.path })
  }

  const nowMs = (): number => host.now().getTime()
  const folders = folderActions({ list, states, index, events, ended, tell })
  const imports = openImports({
    onFailure,
    host,
    events,
    index,
    addFolder: (folder) => folders.addFolder(folder),
    rescan: (folderId) => folders.rescan(folderId),
  })
  return {
    ...dicomWebSource(index, nowMs),
    ...folders,
    imports,
    list: (query) => index.list(query, nowMs()),
    study: (StudyInstanceUID) => index.study(StudyInstanceUID, nowMs()),
    rows: (StudyInstanceUID, SeriesInstanceUID) => index.instances(StudyInstanceUID, SeriesInstanceUID),
    selected: (selection) => index.selected(selection, nowMs()),
    async skipped(offset, limit) {
      const { total, rows } = await index.skipped(offset, limit)
      return { total, rows: rows.map(({ folderId, name, code }) => ({ folderId, name, code })) }
    },
    async close() {
      await imports.close()
      tell({ kind: 'close' })
      await ended
    },
  }
}
