// npm test [-- PATTERN …]: installs what is missing, builds the pages, runs every test, or the test files whose path
// holds a pattern, and ends with one summary line, whatever happens on the way.
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
// Vitest gets the signal too, and ends; then there is something to count.
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

/** Unit tests, which lie beside their subject, need neither pages nor other programs. */
function choosesOnlyUnitTests(words) {
  const patterns = words.filter((word) => !word.startsWith('-'))
  const folders = readdirSync(root).filter((name) => /^(src-.*|tests)$/.test(name))
  const chosen = folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => `${folder}/${file}`))
    .filter((file) => file.endsWith('.test.ts') && patterns.some((pattern) => file.includes(pattern)))
  return chosen.length > 0 && chosen.every((file) => file.startsWith('src-'))
}
