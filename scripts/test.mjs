// npm test: installs what is missing, builds the pages, runs every test, and ends with one summary line, whatever
// happens on the way.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildPages,
  environment,
  installDebianPackages,
  installPackages,
  node24,
  root,
  testPackages,
} from './set-up.mjs'
import { countTests } from './test-record.mjs'

let summary = '0 passed, 1 failed, 0 skipped'
process.on('exit', () => console.log(summary))
// Vitest gets the signal too, and ends; then there is something to count.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})

installDebianPackages(testPackages)
await installPackages()
buildPages()

const record = join(root, 'out', 'test-record.jsonl')
rmSync(record, { force: true })
const vitest = join('node_modules', 'vitest', 'vitest.mjs')
const reporters = ['--reporter=dot', `--reporter=${join(root, 'scripts', 'test-record.mjs')}`]
const child = spawn(node24(), [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...environment(), OUTPOST_TEST_RECORD: record },
})
const code = await new Promise((resolve) => child.once('exit', resolve))
const { passed, failed, skipped, remarks } = countTests(readFileSync(record, 'utf8'))
for (const remark of remarks) console.log(remark)
summary = `${passed} passed, ${failed} failed, ${skipped} skipped`
process.exitCode = code !== 0 || failed > 0 ? 1 : 0
