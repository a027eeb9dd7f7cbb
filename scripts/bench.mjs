// npm run bench -- NAME: one of tests/bench/NAME.ts; without a name, all of them.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildPages, installDebianPackages, installPackages, root, run, testPackages } from './set-up.mjs'

installDebianPackages([...testPackages, 'rsync'])
await installPackages()
const known = readdirSync(join(root, 'tests', 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
const [name, ...rest] = process.argv.slice(2)
if (name && !known.includes(name)) {
  console.error(`There is no bench called ${name}: ${known.join(', ')}`)
  process.exit(2)
}
// what a browser shows, and what starts as a program of its own, is measured as it is built
const runs = (...benches) => !name || benches.includes(name)
if (runs('large-folder')) buildPages()
if (runs('index', 'rescan')) await (await import('./build-main.mjs')).buildMain()
if (runs('deidentify'))
  await (await import('./build-main.mjs')).bundle(
    'deidentify-turn',
    'tests/bench/deidentify-turn.ts',
    'out/bench',
    'cjs',
  )
let code = 0
for (const bench of name ? [name] : known) code = run([join('tests', 'bench', `${bench}.bench.ts`), ...rest]) || code
process.exit(code)
