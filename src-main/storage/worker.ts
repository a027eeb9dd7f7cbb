/** Entry of the storage worker. It holds every database, so that no query delays the requests of the window. */
import { parentPort, workerData } from 'node:worker_threads'
import { openRepositories } from './repositories.ts'
import { storageFailure } from './storage-failure.ts'
import { callMethod, toRemoteError, type RemoteAnswer, type RemoteCall } from './remote.ts'

export interface StorageWorkerData {
  readonly dataFolder: string
}
export type StorageWorkerStart =
  | { readonly started: true }
  | { readonly started: false; readonly error: ReturnType<typeof toRemoteError> }

const port = parentPort
if (!port) throw new Error('the storage worker runs as a worker thread')

try {
  const { repositories, close } = openRepositories((workerData as StorageWorkerData).dataFolder)
  port.on('message', (message: RemoteCall | 'close') => {
    if (message === 'close') {
      close()
      port.close()
      return
    }
    port.postMessage(answer(repositories, message))
  })
  port.postMessage({ started: true } satisfies StorageWorkerStart)
} catch (error) {
  port.postMessage({ started: false, error: toRemoteError(storageFailure(error)) } satisfies StorageWorkerStart)
  port.close()
}

function answer(repositories: object, call: RemoteCall): RemoteAnswer {
  try {
    const repository = (repositories as Record<string, object | undefined>)[call.repository]
    if (!repository) throw new Error(`no repository ${call.repository}`)
    return { id: call.id, value: callMethod(repository, call.method, call.args) }
  } catch (error) {
    // A damaged index or directory is built again at the next start.
    const damaged = call.repository === 'index' || call.repository === 'directory' ? undefined : 'ledger-damaged'
    return { id: call.id, error: toRemoteError(storageFailure(error, damaged)) }
  }
}
