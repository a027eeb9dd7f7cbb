// npm test [-- PATTERN …] installs what is missing, builds the pages, and runs every test, or the test files whose
// path contains a pattern. In every case it ends with one summary line.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
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
// Vitest receives the same signal and ends; this process then prints the counts.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})

const args = process.argv.slice(2)
await installPackages()
const onlyUnits = choosesOnlyUnitTests(args)
if (!onlyUnits) {
  installDebianPackages(testPackages)
  buildPages()
}

const record = join(root, 'out', 'test-record.jsonl')
rmSync(record, { force: true })
const vitest = join('node_modules', 'vitest', 'vitest.mjs')
const reporters = ['--reporter=dot', `--reporter=${join(root, 'scripts', 'test-record.mjs')}`]
const child = spawn(node24(), [vitest, 'run', ...(onlyUnits ? ['--project', 'unit'] : []), ...reporters, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...environment(), OUTPOST_TEST_RECORD: record },
})
const code = await new Promise((resolve) => child.once('exit', resolve))
const { passed, failed, skipped, remarks } = countTests(readFileSync(record, 'utf8'))
for (const remark of remarks) console.log(remark)
summary = `${passed} passed, ${failed} failed, ${skipped} skipped`
process.exitCode = code !== 0 || failed > 0 ? 1 : 0

/** Unit tests, which are beside the code that they test, need neither pages nor other programs. */
function choosesOnlyUnitTests(words) {
  const patterns = words.filter((word) => !word.startsWith('-'))
  const folders = readdirSync(root).filter((name) => /^(src-.*|tests)$/.test(name))
  const chosen = folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => `${folder}/${file}`))
    .filter((file) => file.endsWith('.test.ts') && patterns.some((pattern) => file.includes(pattern)))
  return chosen.length > 0 && chosen.every((file) => file.startsWith('src-'))
}
