// npm run bench -- NAME runs tests/bench/NAME.bench.ts; without a name it runs all of them.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildPages, installDebianPackages, installPackages, root, run, testPackages } from './set-up.mjs'

installDebianPackages([...testPackages, 'rsync'])
await installPackages()
const benchNames = readdirSync(join(root, 'tests', 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
const [name, ...rest] = process.argv.slice(2)
if (name && !benchNames.includes(name)) {
  console.error(`There is no bench called ${name}: ${benchNames.join(', ')}`)
  process.exit(2)
}
// Pages in a browser and programs in processes of their own are measured as built files.
const isChosen = (...benches) => !name || benches.includes(name)
if (isChosen('large-folder')) buildPages()
if (isChosen('index', 'rescan')) await (await import('./build-main.mjs')).buildMain()
if (isChosen('deidentify'))
  await (await import('./build-main.mjs')).bundle(
    'deidentify-turn',
    'tests/bench/deidentify-turn.ts',
    'out/bench',
    'cjs',
  )
let code = 0
for (const bench of name ? [name] : benchNames)
  code = run([join('tests', 'bench', `${bench}.bench.ts`), ...rest]) || code
process.exit(code)
