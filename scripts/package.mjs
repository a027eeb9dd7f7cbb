// npm run package [-- --dir] makes the installers of electron-builder.yml. Without Electron's binary, --dir packs the
// files around a stand-in, so that they can still be checked, and says so.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildPages, environment, installPackages, node24, root, run } from './set-up.mjs'

await installPackages()
buildPages()
if (run([join('scripts', 'build-main.mjs')]) !== 0) process.exit(1)

const args = process.argv.slice(2)
const electron = join(root, 'node_modules', 'electron')
const version = JSON.parse(readFileSync(join(electron, 'package.json'), 'utf8')).version
const binary =
  existsSync(join(electron, 'path.txt')) ||
  (!args.includes('--stub') &&
    spawnSync(node24(), [join(electron, 'install.js')], {
      cwd: electron,
      timeout: 120_000,
      stdio: 'ignore',
      env: environment(),
    }).status === 0)
const builder = [
  join('node_modules', 'electron-builder', 'cli.js'),
  ...args.filter((argument) => argument !== '--stub'),
  '--publish',
  'never',
]
if (!binary) {
  if (!args.includes('--dir')) {
    console.error(
      'Installers need Electron itself, which cannot be downloaded here. ' +
        'What can be done without it: npm run package -- --dir',
    )
    process.exit(1)
  }
  console.error(
    'Electron cannot be downloaded here: packing around a stand-in for it. ' +
      'The result has every file of ours, and cannot be started as a program.',
  )
  const dist = join(root, 'out', 'electron-stand-in')
  mkdirSync(dist, { recursive: true })
  // The packer expects a sentinel in the binary, followed by nine fuses that are not set yet.
  writeFileSync(
    join(dist, 'electron'),
    Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, 9]), Buffer.from('011001011')]),
    { mode: 0o755 },
  )
  builder.push('--linux', `-c.electronDist=${dist}`)
}
builder.push(`-c.electronVersion=${version}`)
process.exit(run(builder))
