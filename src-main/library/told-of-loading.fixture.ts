/** The library's threads, with a message that tells the starting thread when the native addon is being loaded. */
import { workerData } from 'node:worker_threads'

const load = process.dlopen
process.dlopen = (...parameters: Parameters<typeof load>) => {
  Atomics.store((workerData as { loading: Int32Array }).loading, 0, 1)
  Reflect.apply(load, process, parameters)
}
await import('./indexer.ts')
