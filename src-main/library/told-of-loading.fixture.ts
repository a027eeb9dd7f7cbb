/** The library's threads as they are, but that whoever started one can see the moment in which it loads an addon. */
import { workerData } from 'node:worker_threads'

const load = process.dlopen
process.dlopen = (...parameters: Parameters<typeof load>) => {
  Atomics.store((workerData as { loading: Int32Array }).loading, 0, 1)
  Reflect.apply(load, process, parameters)
}
await import('./indexer.ts')
