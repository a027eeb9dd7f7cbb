/** Starts the library's threads, and ends them in a way that cannot abort the process. */
import { Worker } from 'node:worker_threads'
import type { ImportData, FromImporter } from './import/import-messages.ts'
import type { FromIndexer, IndexerData } from './indexer-messages.ts'

/** The first message of each thread, sent once all its native code is loaded. */
export const READY = { kind: 'ready' } as const satisfies FromImporter & FromIndexer

export interface LibraryThread {
  readonly worker: Worker
  /** Resolves when the thread has ended for any reason. */
  readonly ended: Promise<void>
  /**
   * Ends the thread at any point. It first waits until the thread is ready: terminating a thread while it loads a
   * native addon aborts the whole process.
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
