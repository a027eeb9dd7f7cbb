/** The library: its folders, the thread that indexes them, and queries of the index (W1, W2). */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { Folder } from '../../src-core/contract/studies.ts'
import type { DicomJson } from '../../src-core/dicom/json.ts'
import type { LibraryHost } from '../ports/host.ts'
import type { Events, Library } from '../ports/services.ts'
import type { SelectedInstance } from '../ports/records.ts'
import type { IndexReader } from '../storage/index/index-reader.ts'
import type { Remote } from '../storage/remote.ts'
import { storageFailure } from '../storage/storage-failure.ts'
import { instanceAttributes, instanceMetadata, seriesAttributes, studyAttributes } from './dicomweb-answers.ts'
import { FolderList } from './folder-list.ts'
import type { ScanProgress } from './folder-scan.ts'
import { openImports } from './import/imports.ts'
import type { FromIndexer, ToIndexer } from './indexer-messages.ts'
import { startLibraryThread } from './library-thread.ts'
import { matched, studyQueryOf } from './qido-query.ts'

/** Number of headers that are read at the same time for the metadata of many instances. */
const METADATA_AT_ONCE = 8

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

/** Starts the indexer. Every folder of the list is then compared with the index and watched. */
export function openLibrary({ host, events, index, onFailure = () => {} }: LibraryOptions): Library {
  const list = new FolderList(host.dataFolder)
  const states = new Map<string, FolderState>()
  const { worker, ended } = startLibraryThread(host.entries.indexer, { task: 'index', dataFolder: host.dataFolder })
  const tell = (message: ToIndexer): void => worker.postMessage(message)
  const removals = new Map<string, () => void>()
  const state = (folderId: string): FolderState => {
    let found = states.get(folderId)
    if (!found) states.set(folderId, (found = { missing: false, running: true, code: null, progress: null }))
    return found
  }

  worker.on('message', (message: FromIndexer) => {
    switch (message.kind) {
      case 'progress':
        Object.assign(state(message.folderId), { running: true, missing: false, progress: message.progress })
        return events.emit({ type: 'folders' })
      case 'finished':
        Object.assign(state(message.folderId), {
          running: false,
          missing: message.counts === null && message.code === null,
          code: message.code,
          progress: null,
        })
        return events.emit({ type: 'folders' })
      case 'changed':
        return events.emit({ type: 'library' })
      case 'removed':
        states.delete(message.folderId)
        removals.get(message.folderId)?.()
        removals.delete(message.folderId)
        return events.emit({ type: 'folders' })
    }
  })
  // An error of the indexer does not concern queries of the index: browsing continues, and folders show that they are
  // not updated.
  worker.on('error', (error) => {
    onFailure(error)
    const code = codeOf(storageFailure(error))
    for (const folder of states.values()) Object.assign(folder, { running: false, code, progress: null })
    for (const removed of removals.values()) removed()
    events.emit({ type: 'folders' })
  })
  for (const entry of list.all()) {
    if (entry.paused) tell({ kind: 'pause', folderId: entry.folderId, paused: true })
    state(entry.folderId)
    tell({ kind: 'watch', folderId: entry.folderId, path: entry.path })
  }

  const entry = (folderId: string) => {
    const found = list.find(folderId)
    if (!found) throw new OutpostError('folder-missing')
    return found
  }
  const nowMs = (): number => host.now().getTime()

  const library: Library = {
    imports: openImports({
      onFailure,
      host,
      events,
      index,
      addFolder: (folder) => library.addFolder(folder),
      rescan: (folderId) => library.rescan(folderId),
    }),
    list: (query) => index.list(query, nowMs()),
    study: (StudyInstanceUID) => index.study(StudyInstanceUID, nowMs()),
    rows: (StudyInstanceUID, SeriesInstanceUID) => index.instances(StudyInstanceUID, SeriesInstanceUID),
    selected: (selection) => index.selected(selection, nowMs()),
    async folders() {
      const counts = new Map((await index.folders()).map((row) => [row.folderId, row]))
      return list.all().map(({ folderId, path: folder, paused }): Folder => {
        const { files = 0, indexed = 0, skipped = 0 } = counts.get(folderId) ?? {}
        const { missing, running, code, progress } = state(folderId)
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
      state(folderId).running = true
      tell({ kind: 'watch', folderId, path: full })
      events.emit({ type: 'folders' })
      return { folderId }
    },
    async removeFolder(folderId) {
      const { path: full } = entry(folderId)
      list.remove(folderId)
      const removed = new Promise<void>((resolve) => removals.set(folderId, resolve))
      tell({ kind: 'remove', folderId, path: full })
      await Promise.race([removed, ended])
    },
    async rescan(folderId) {
      const { path: full } = entry(folderId)
      state(folderId).running = true
      tell({ kind: 'scan', folderId, path: full })
      events.emit({ type: 'folders' })
    },
    async pause(folderId, paused) {
      entry(folderId)
      list.pause(folderId, paused)
      tell({ kind: 'pause', folderId, paused })
      events.emit({ type: 'folders' })
    },
    async skipped(offset, limit) {
      const { total, rows } = await index.skipped(offset, limit)
      return { total, rows: rows.map(({ folderId, name, code }) => ({ folderId, name, code })) }
    },
    async close() {
      await library.imports.close()
      tell({ kind: 'close' })
      await ended
    },

    async studies(query) {
      const uid = matched(query, 'StudyInstanceUID')
      const asked = studyQueryOf(query)
      if (!uid) return (await index.list(asked, nowMs())).rows.map((row) => studyAttributes(row, asked))
      const found = await Promise.all(uid.split(/[,\\]/).map((one) => index.study(one, nowMs()).catch(() => null)))
      return found.filter((one) => one !== null).map(({ study }) => studyAttributes(study, asked))
    },
    async series(study) {
      return (await index.study(study, nowMs())).series.map((row) => seriesAttributes(study, row))
    },
    async instances(study, series) {
      const wanted =
        series === null
          ? (await index.study(study, nowMs())).series.map((row) => row.SeriesInstanceUID as string)
          : [series]
      const rows: DicomJson[] = []
      for (const one of wanted)
        rows.push(...(await index.instances(study, one)).map((row) => instanceAttributes(study, one, row)))
      return rows
    },
    async metadata(study, series, instance) {
      const selected =
        instance === null
          ? (
              await index.selected(
                {
                  studies: [
                    {
                      StudyInstanceUID: study as SelectedInstance['StudyInstanceUID'],
                      series: series === null ? null : [series as SelectedInstance['SeriesInstanceUID']],
                    },
                  ],
                  leftOut: [],
                },
                nowMs(),
              )
            ).instances
          : [await place(study, series, instance)]
      const rows: DicomJson[] = []
      for (let at = 0; at < selected.length; at += METADATA_AT_ONCE)
        rows.push(...(await Promise.all(selected.slice(at, at + METADATA_AT_ONCE).map(instanceMetadata))))
      return rows
    },
    async instance(study, series, instance) {
      return { path: (await place(study, series, instance)).path }
    },
  }

  async function place(study: string, series: string | null, instance: string): Promise<SelectedInstance> {
    const found = await index.place(study, series, instance)
    if (!found) throw new OutpostError('instance-not-found')
    return found
  }
  return library
}
