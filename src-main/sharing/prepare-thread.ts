/**
 * Entry of the thread that prepares one share. Hashing, de-identifying and sealing therefore block no request of the
 * window, and the thread's memory is freed with it. It ends by itself, also when it is cancelled: terminating a thread
 * while it loads native code aborts the process.
 */
import path from 'node:path'
import { parentPort, workerData, type TransferListItem } from 'node:worker_threads'
import { copiedBytes } from '../../src-core/bytes.ts'
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { Imaging, InstanceSource } from '../../src-engine/imaging.ts'
import { pseudonyms } from '../imaging/uid-map.ts'
import { openLedgerToRead } from '../storage/ledger/ledger-database.ts'
import { ShareTable } from '../storage/ledger/share-table.ts'
import { latestSignOffs } from '../storage/ledger/sign-offs.ts'
import { fromRemoteError, toRemoteError } from '../storage/remote.ts'
import { lowerThreadPriority } from '../../src-engine/thread-priority.ts'
import type { FromPreparer, ImagingCall, PreparedPackage, PrepareOrder, ToPreparer } from './prepare-messages.ts'
import { stateOf } from '../storage/selections/gate-findings.ts'
import { preparePackage } from './prepare.ts'
import { openSpool } from './prepare-spool.ts'

const port = parentPort
if (!port) throw new Error('what prepares runs as a worker thread')
lowerThreadPriority()
const say = (message: FromPreparer, given: readonly TransferListItem[] = []): void => port.postMessage(message, given)

const cancelling = new AbortController()
const pendingCalls = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
let nextId = 1
port.on('message', (message: ToPreparer) => {
  if (message.kind === 'cancel') {
    cancelling.abort()
    return
  }
  const waiting = pendingCalls.get(message.id)
  pendingCalls.delete(message.id)
  if (message.kind === 'picture') waiting?.resolve(message.result)
  else waiting?.reject(fromRemoteError(message.error))
})

/**
 * Bytes are copied before they are transferred: transferring a view would transfer the whole buffer that contains it.
 */
function askFor(call: ImagingCall): Promise<unknown> {
  const bytes = 'bytes' in call.source ? copiedBytes(call.source.bytes) : null
  const source: InstanceSource = bytes ? { bytes } : call.source
  return new Promise((resolve, reject) => {
    if (cancelling.signal.aborted) return reject(new OutpostError('cancelled'))
    const id = nextId++
    pendingCalls.set(id, { resolve, reject })
    say({ kind: 'imaging', id, call: { ...call, source } as ImagingCall }, bytes ? [bytes.buffer] : [])
  })
}

const imaging: Pick<Imaging, 'render' | 'paintFrame'> = {
  render: (source, request) => askFor({ method: 'render', source, request }) as ReturnType<Imaging['render']>,
  paintFrame: (source, request) =>
    askFor({ method: 'paintFrame', source, request }) as ReturnType<Imaging['paintFrame']>,
}

async function prepare(order: PrepareOrder): Promise<PreparedPackage> {
  const { dataFolder, shareId, keys, uidKey, words, earlierSource, createdAt } = order
  const ledger = openLedgerToRead(dataFolder)
  const previewsFailed = new Map<ErrorCode, { unexpected: number; expected: number }>()
  try {
    const record = await preparePackage(new ShareTable(ledger).record(shareId), {
      spool: openSpool(path.join(dataFolder, 'spool')),
      imaging,
      keys,
      words,
      earlierSource,
      pseudonyms: pseudonyms(uidKey),
      signOffs: async (instances) => latestSignOffs(ledger, instances.map(stateOf)),
      now: () => new Date(createdAt),
      signal: cancelling.signal,
      onProgress: (instances) => say({ kind: 'progress', instances }),
      onPreviewFailed: ({ code, unexpected }) => {
        const counts = previewsFailed.get(code) ?? { unexpected: 0, expected: 0 }
        counts[unexpected ? 'unexpected' : 'expected'] += 1
        previewsFailed.set(code, counts)
      },
    })
    return { record, previewsFailed }
  } finally {
    ledger.close()
  }
}

try {
  say({ kind: 'done', prepared: await prepare(workerData as PrepareOrder) })
} catch (error) {
  say({ kind: 'failed', error: toRemoteError(error) })
} finally {
  port.close()
}
