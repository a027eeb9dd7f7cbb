/**
 * Starts threads of the library and ends each while it loads its native addon. Exit code 0 when the process survived
 * all.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { startLibraryThread } from './library-thread.ts'

const [, , dataFolder = '', starts = '0'] = process.argv
/** Number of threads that run at the same time. */
const AT_ONCE = 10
const endings: Promise<void>[] = []
const entry = new URL('./told-of-loading.fixture.ts', import.meta.url)
for (let start = 0; start < Number(starts); start += 1) {
  const loading = new Int32Array(new SharedArrayBuffer(4))
  const data = { task: 'index' as const, dataFolder, loading }
  const thread = startLibraryThread(entry, data)
  let over = false
  void thread.ended.then(() => (over = true))
  while (Atomics.load(loading, 0) === 0 && !over) await turn()
  // Loading takes about a millisecond: each thread is ended at another point of it.
  const until = performance.now() + (start % 50) / 33
  while (performance.now() < until);
  endings.push(thread.terminate())
  if (endings.length === AT_ONCE) await Promise.all(endings.splice(0))
}
await Promise.all(endings)
