// npm run faults runs everything in tests/faults, test files first; npm run faults -- mutants 1000 runs one of them.
// Each run stops after about 40 minutes and keeps its progress under out/faults; the same command then continues.
//
// npm test runs a share of the long suites, chosen by a fixed seed: of mutants, foreign-bytes, planter and pictures
// here, and of every suite that calls tests/support/share.ts, which `generated` runs whole. Generated suites that take
// less than five seconds of CPU time run whole in npm test: parser, tables, wildcards, patients, terms, packages,
// codecs, damaged files in the decode processes, hostile fields, uploads.
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
for (const file of wanted.filter((candidate) => candidate.endsWith('.faults.ts')))
  code = run(['--disable-warning=ExperimentalWarning', join('tests', 'faults', file), ...rest]) || code
process.exit(code)
