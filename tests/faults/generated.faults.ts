/**
 * npm run faults -- generated [WORD] runs the whole of every generated suite of which npm test runs a share
 * (tests/support/share.ts), or of those whose file name contains the word: one file after another, each in its own
 * process. An interrupted run continues where it stopped.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runParts } from '../support/resumable.ts'

const root = path.resolve(import.meta.dirname, '../..')
const [word = ''] = process.argv.slice(2)
const suites = readdirSync(root)
  .filter((folder) => folder === 'tests' || folder.startsWith('src-'))
  .flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.join(folder, String(name))),
  )
  .filter((file) => file.endsWith('.test.ts') && file.includes(word))
  .filter((file) => readFileSync(path.join(root, file), 'utf8').includes("support/share.ts'"))
  .sort()
process.exitCode = await runParts(`generated-${word}`, suites, (file) => {
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, OUTPOST_FAULTS: 'whole' },
  })
  return status === 0 ? 0 : 1
})
