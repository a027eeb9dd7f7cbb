import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { startLibraryThread } from './library-thread.ts'

const dataFolder = mkdtempSync(path.join(tmpdir(), 'index-thread-'))
const thread = startLibraryThread(new URL('./indexer.ts', import.meta.url), { task: 'index', dataFolder })
afterAll(async () => {
  await thread.terminate()
  rmSync(dataFolder, { recursive: true, force: true })
})

/** Niceness of every thread of this process: the 19th field of its stat file, after the name in parentheses. */
const niceness = (): number[] =>
  readdirSync('/proc/self/task').map((thread) =>
    Number(
      readFileSync(`/proc/self/task/${thread}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')[16],
    ),
  )

it.skipIf(process.platform !== 'linux')(
  'W1: reading folders steps back behind the window and what it asks: one thread of its own, and no other',
  async () => {
    const own = getPriority()
    await vi.waitFor(() => expect(niceness().filter((one) => one > own)).toEqual([own + 5]), {
      timeout: 60_000,
      interval: 50,
    })
  },
  // The thread loads a native addon and opens a database.
  120_000,
)
