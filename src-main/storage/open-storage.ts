/** The main thread's access to the storage worker: every repository as an asynchronous proxy. */
import { Worker } from 'node:worker_threads'
import { fromRemoteError, remote, type Remote, type RemoteAnswer, type RemoteCall } from './remote.ts'
import type { Repositories } from './repositories.ts'
import type { StorageWorkerData, StorageWorkerStart } from './worker.ts'

export type Storage = { readonly [Name in keyof Repositories]: Remote<Repositories[Name]> } & {
  /** Finishes the pending calls, then closes the databases and releases the lock of the data folder. */
  close(): Promise<void>
}

/**
 * Starts the worker and waits until the databases are open.
 * @param options.entry the worker's entry file: host.entries.storage
 * @error data-folder-in-use, data-from-newer-version
 */
export async function openStorage(options: { entry: URL; dataFolder: string }): Promise<Storage> {
  const worker = new Worker(options.entry, {
    workerData: { dataFolder: options.dataFolder } satisfies StorageWorkerData,
  })
  await started(worker)
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let nextId = 1
  let ended: Error | null = null
  const end = (error: Error) => {
    ended ??= error
    for (const { reject } of pending.values()) reject(ended)
    pending.clear()
  }
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      end(new Error('the storage worker has ended'))
      resolve()
    })
  })
  worker.on('error', end)
  worker.on('message', (answer: RemoteAnswer) => {
    const waiting = pending.get(answer.id)
    pending.delete(answer.id)
    if ('error' in answer) waiting?.reject(fromRemoteError(answer.error))
    else waiting?.resolve(answer.value)
  })
  const caller = (repository: string) =>
    remote<object>(
      (method, args) =>
        new Promise((resolve, reject) => {
          if (ended) return reject(ended)
          const id = nextId++
          pending.set(id, { resolve, reject })
          try {
            worker.postMessage({ id, repository, method, args } satisfies RemoteCall)
          } catch (error) {
            pending.delete(id)
            reject(error)
          }
        }),
    )
  const close = async () => {
    if (!ended) worker.postMessage('close')
    await exited
  }
  const proxies = new Map<string, object>()
  return new Proxy(
    { close },
    {
      get: (target, name) => {
        if (name === 'close') return target.close
        if (typeof name !== 'string' || name === 'then') return undefined
        const proxy = proxies.get(name) ?? caller(name)
        proxies.set(name, proxy)
        return proxy
      },
    },
  ) as Storage
}

function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (start: StorageWorkerStart) => {
      worker.off('error', reject)
      if (start.started) resolve()
      else worker.once('exit', () => reject(fromRemoteError(start.error)))
    })
  })
}
