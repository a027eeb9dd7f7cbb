/** Starts the library's threads, and ends them without taking the process with them. */
import { Worker } from 'node:worker_threads'
import type { ImportData, FromImporter } from './import/import-messages.ts'
import type { FromIndexer, IndexerData } from './indexer-messages.ts'

/** What each thread says first, once everything that it needs of native code is loaded. */
export const READY = { kind: 'ready' } as const satisfies FromImporter & FromIndexer

export interface LibraryThread {
  readonly worker: Worker
  /** Settles when the thread has ended, however it ended. */
  readonly ended: Promise<void>
  /**
   * Ends the thread wherever it is. It waits until the thread is ready: a native addon that is being loaded by a thread
   * that is terminated aborts the whole process.
   */
  terminate(): Promise<void>
}

/** @param entry the threads' entry file: host.entries.indexer */
export function startLibraryThread(entry: URL, data: ImportData | IndexerData): LibraryThread {
  const worker = new Worker(entry, { workerData: data })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const ready = new Promise<void>((resolve) => worker.once('message', () => resolve()))
  return {
    worker,
    ended,
    async terminate() {
      await Promise.race([ready, ended])
      await worker.terminate()
    },
  }
}
