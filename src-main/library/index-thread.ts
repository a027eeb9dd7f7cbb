/** The indexer thread, the only writer of index.db. It scans folders one after another and watches them. */
import { setImmediate as turn, setTimeout as later } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { codeOf } from '../../src-core/contract/errors.ts'
import { lowerThreadPriority } from '../../src-engine/thread-priority.ts'
import { openIndexDatabase } from '../storage/index/index-database.ts'
import { IndexWriter } from '../storage/index/index-writer.ts'
import { storageFailure } from '../storage/storage-failure.ts'
import { sameContent } from './same-content.ts'
import { FolderScan } from './folder-scan.ts'
import { FolderWatch } from './folder-watch.ts'
import type { FromIndexer, IndexerData, ToIndexer } from './indexer-messages.ts'
import { READY } from './library-thread.ts'

/** Milliseconds after which files that were still being written are scanned again. */
const SETTLED_MS = 4000
const SETTLING_MS = 3000

const port = parentPort
if (!port) throw new Error('the indexer runs as a worker thread')
lowerThreadPriority()
const database = openIndexDatabase((workerData as IndexerData).dataFolder)
const scan = new FolderScan(new IndexWriter(database, sameContent))
const say = (message: FromIndexer): void => port.postMessage(message)
say(READY)

/** Folders that wait for a scan; `only` null: the whole folder. */
const waiting = new Map<string, { path: string; only: Set<string> | null }>()
/** Folders that were not compared with the index since they are watched. */
const fresh = new Set<string>()
const paused = new Set<string>()
const removed = new Map<string, string>()
const watches = new Map<string, FolderWatch>()
let closing = false
let wake: () => void = () => {}

function want(folderId: string, path: string, only: ReadonlySet<string> | null): void {
  const request = waiting.get(folderId)
  waiting.set(folderId, {
    path,
    only: only === null || (request && request.only === null) ? null : new Set([...(request?.only ?? []), ...only]),
  })
  wake()
}

port.on('message', (message: ToIndexer) => {
  switch (message.kind) {
    case 'scan':
      return want(message.folderId, message.path, null)
    case 'watch':
      watches.get(message.folderId)?.close()
      fresh.add(message.folderId)
      watches.set(message.folderId, new FolderWatch(message.path, (only) => want(message.folderId, message.path, only)))
      return want(message.folderId, message.path, null)
    case 'pause':
      if (message.paused) paused.add(message.folderId)
      else paused.delete(message.folderId)
      return wake()
    case 'remove':
      watches.get(message.folderId)?.close()
      watches.delete(message.folderId)
      waiting.delete(message.folderId)
      paused.delete(message.folderId)
      removed.set(message.folderId, message.path)
      return wake()
    case 'close':
      closing = true
      for (const folder of watches.values()) folder.close()
      return wake()
  }
})

/** @returns whether the folder is present and was scanned to its end */
async function scanOne(
  folderId: string,
  path: string,
  { only, quick = false }: { only: Set<string> | null; quick?: boolean },
): Promise<boolean> {
  const started = performance.now()
  let stopped = false
  const counts = await scan.run(
    folderId,
    path,
    {
      now: () => Date.now(),
      settlingMs: SETTLING_MS,
      progress: (progress) => say({ kind: 'progress', folderId, progress }),
      committed: () => say({ kind: 'changed' }),
      listing: (directory) => watches.get(folderId)?.see(directory),
      async proceed() {
        await turn()
        while (paused.has(folderId) && !closing && !removed.has(folderId))
          await new Promise<void>((resolve) => (wake = resolve))
        stopped = closing || removed.has(folderId)
        return !stopped
      },
    },
    { only: only ?? undefined, quick },
  )
  if (stopped) return false
  if (!counts) watches.get(folderId)?.lost()
  else if (quick) return true
  say({ kind: 'finished', folderId, counts, code: null, seconds: (performance.now() - started) / 1000 })
  if (counts && counts.unsettled > 0)
    void later(SETTLED_MS, undefined, { ref: false }).then(
      () => !closing && !removed.has(folderId) && want(folderId, path, only),
    )
  return counts !== null
}

while (!closing) {
  for (const [folderId, path] of removed) {
    scan.remove(folderId, path)
    removed.delete(folderId)
    say({ kind: 'removed', folderId })
    say({ kind: 'changed' })
  }
  const next = [...waiting].find(([folderId]) => !paused.has(folderId))
  if (next) {
    waiting.delete(next[0])
    try {
      const [folderId, { path, only }] = next
      // Changes from before the watch began show in the times of the directories. After that quick scan, each file is
      // checked for having been rewritten in place.
      const first = only === null && fresh.delete(folderId)
      if (!first || (await scanOne(folderId, path, { only, quick: true }))) await scanOne(folderId, path, { only })
    } catch (error) {
      // On a full disk or when the database cannot be written, the folder is scanned again at its next change.
      const code = codeOf(storageFailure(error))
      say({ kind: 'finished', folderId: next[0], counts: null, code, seconds: 0 })
    }
  } else if (removed.size === 0 && !closing) await new Promise<void>((resolve) => (wake = resolve))
}
database.close()
say({ kind: 'closed' })
port.close()
