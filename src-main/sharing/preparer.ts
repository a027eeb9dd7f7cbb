/** Starts the thread that prepares a share: one thread for each share, which ends with it. */
import { Worker } from 'node:worker_threads'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { fromRemoteError, toRemoteError } from '../storage/remote.ts'
import type { FromPreparer, ImagingCall, PreparedPackage, PrepareOrder, ToPreparer } from './prepare-messages.ts'

export interface PreparerOptions {
  /** The thread's entry file: host.entries.preparer. */
  readonly entry: URL
  /** Renders images and blacks out frames for the thread. */
  readonly imaging: Pick<Imaging, 'render' | 'paintFrame'>
  readonly signal: AbortSignal
  readonly onProgress: (instancesPrepared: number) => void
}

/**
 * Size in MB of the thread's young generation of the heap: small, because each image leaves the same amount of garbage.
 */
const YOUNG_MB = 8

/**
 * Prepares a share of the ledger in a new thread. Resolves once the thread has ended and its memory is free.
 * @error what preparePackage throws
 */
export async function prepareInThread(order: PrepareOrder, options: PreparerOptions): Promise<PreparedPackage> {
  const { entry, imaging, signal, onProgress } = options
  if (signal.aborted) throw new OutpostError('cancelled')
  const worker = new Worker(entry, { workerData: order, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
  const tell = (message: ToPreparer): void => worker.postMessage(message)
  const cancel = (): void => tell({ kind: 'cancel' })
  signal.addEventListener('abort', cancel, { once: true })
  const picture = ({ method, source, request }: ImagingCall): Promise<PictureOf> =>
    method === 'render' ? imaging.render(source, request, { signal }) : imaging.paintFrame(source, request, { signal })
  try {
    return await new Promise((resolve, reject) => {
      let settle = (): void => reject(new Error('the thread that prepares ended without an answer'))
      worker.on('message', (message: FromPreparer) => {
        switch (message.kind) {
          case 'progress':
            return onProgress(message.instances)
          case 'imaging':
            picture(message.call).then(
              (result) => tell({ kind: 'picture', id: message.id, result }),
              (error: unknown) => tell({ kind: 'no-picture', id: message.id, error: toRemoteError(error) }),
            )
            return
          case 'done':
            settle = () => resolve(message.prepared)
            return
          case 'failed':
            settle = () => reject(fromRemoteError(message.error))
            return
        }
      })
      worker.once('error', reject)
      worker.once('exit', () => settle())
    })
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

type PictureOf = Awaited<ReturnType<Imaging['render']>> | Awaited<ReturnType<Imaging['paintFrame']>>
