// npm run faults: everything of tests/faults, tests first; with a name, that one alone: npm run faults -- mutants 1000.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { installDebianPackages, installPackages, root, run, testPackages } from './set-up.mjs'

installDebianPackages(testPackages)
await installPackages()
const files = readdirSync(join(root, 'tests', 'faults')).filter((file) => /\.(test|faults)\.ts$/.test(file))
const nameOf = (file) => file.replace(/\.(test|faults)\.ts$/, '')
const [name, ...rest] = process.argv.slice(2)
const wanted = files.filter((file) => !name || nameOf(file) === name)
if (wanted.length === 0) {
  console.error(`There is no fault called ${name}: ${files.map(nameOf).join(', ')}`)
  process.exit(2)
}
const tests = wanted.filter((file) => file.endsWith('.test.ts'))
let code =
  tests.length > 0
    ? run([join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...tests.map((file) => join('tests', 'faults', file))])
    : 0
for (const file of wanted.filter((one) => one.endsWith('.faults.ts')))
  code = run(['--disable-warning=ExperimentalWarning', join('tests', 'faults', file), ...rest]) || code
process.exit(code)
