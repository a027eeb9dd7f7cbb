// npm run check [-- WORD]: types, lint with layers, dead code; or the steps whose name holds the word. Each step runs
// even when one before it failed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages, root, run } from './set-up.mjs'

await installPackages()
const checks = JSON.parse(readFileSync(join(root, 'scripts', 'checks.json'), 'utf8'))
const [wanted = ''] = process.argv.slice(2)
let failed = 0
for (const { name, args } of checks.filter((step) => step.name.includes(wanted))) {
  const ok = run(args) === 0
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (!ok) failed++
}
process.exit(failed === 0 ? 0 : 1)
