// npm test: installs what is missing, builds the pages, runs every test, and ends with one summary line.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildPages, installDebianPackages, installPackages, root, run, testPackages } from './set-up.mjs'

installDebianPackages(testPackages)
await installPackages()
buildPages()

const report = join(root, 'out', 'test-report.json')
mkdirSync(join(root, 'out'), { recursive: true })
rmSync(report, { force: true })
const only = process.argv.slice(2)
const code = run([
  join('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...only,
])
const counts = { passed: 0, failed: 0, skipped: 0 }
try {
  for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    if (file.assertionResults.length === 0 && file.status === 'failed') counts.failed++
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed++
      else if (test.status === 'failed') counts.failed++
      else {
        counts.skipped++
        console.log(`skipped: ${test.fullName}`)
      }
    }
  }
} catch {
  counts.failed++
}
const exit = code !== 0 || counts.failed > 0 ? 1 : 0
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(exit)
