import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'

const dataFolder = mkdtempSync(path.join(tmpdir(), 'library-thread-'))
afterAll(() => rmSync(dataFolder, { recursive: true, force: true }))

it('X7: a thread that is ended while it loads a native addon does not abort the process', () => {
  const script = path.join(import.meta.dirname, 'cancel-at-once.fixture.ts')
  const ended = spawnSync(process.execPath, [script, dataFolder, '50'], {
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(dataFolder, 'compile-cache') },
  })
  expect({ status: ended.status, signal: ended.signal }).toEqual({ status: 0, signal: null })
  // The test starts fifty threads one after another, and each loads a native addon.
}, 300_000)
