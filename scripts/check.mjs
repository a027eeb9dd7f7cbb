// npm run check: types, lint with layers, dead code. Each step runs even when one before it failed.
import { join } from 'node:path'
import { installPackages, run } from './set-up.mjs'

installPackages()
const parts = ['core', 'engine', 'main', 'preload', 'relay', 'ui', 'renderer', 'portal'].map((part) => `src-${part}`)
const steps = [
  ...[...parts, 'tests'].map((part) => [`types of ${part}`, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', join(part, 'tsconfig.json')]]),
  ['lint and layers', [join('node_modules', 'oxlint', 'bin', 'oxlint'), '--deny-warnings']],
  ['dead code', [join('node_modules', 'knip', 'bin', 'knip.js')]],
]
const wanted = process.argv[2]
let failed = 0
for (const [name, args] of steps.filter(([step]) => !wanted || step.includes(wanted))) {
  const ok = run(args) === 0
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (!ok) failed++
}
process.exit(failed === 0 ? 0 : 1)
