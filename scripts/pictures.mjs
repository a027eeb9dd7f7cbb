// node scripts/pictures.mjs [FOLDER] takes the README's pictures again, from the running programs. The default folder
// is docs/pictures.
import { join } from 'node:path'
import { buildPages, installDebianPackages, installPackages, run, testPackages } from './set-up.mjs'

installDebianPackages(testPackages)
await installPackages()
buildPages()
process.exit(
  run([
    '--disable-warning=ExperimentalWarning',
    join('tests', 'e2e', 'support', 'pictures.ts'),
    process.argv[2] ?? join('docs', 'pictures'),
  ]),
)
