/** Tests the first command in a fresh clone, with an npm that records its arguments. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import lock from '../../package-lock.json' with { type: 'json' }
import { root } from '../support/programs.ts'

/**
 * Behaves as npm does: `install` adds missing entries to the lock file, `ci` empties node_modules and does not change
 * the lock file, and both warn of engines unless they may print only errors.
 */
const NPM = `#!${process.execPath}
const { appendFileSync, mkdirSync, rmSync } = require('node:fs')
const [command, ...options] = process.argv.slice(2)
appendFileSync('../asked', command + '\\n')
if (!options.includes('--loglevel=error')) console.error('npm warn EBADENGINE')
if (command === 'install') appendFileSync('package-lock.json', '\\n')
if (command === 'ci') rmSync('node_modules', { recursive: true, force: true })
if (process.env.NPM_FAILS) process.exit(7)
mkdirSync('node_modules', { recursive: true })
`

function freshClone() {
  const folder = mkdtempSync(join(tmpdir(), 'outpost-clone-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const clone = join(folder, 'clone')
  mkdirSync(join(clone, 'scripts'), { recursive: true })
  for (const file of ['package.json', 'package-lock.json', '.npmrc', '.gitignore', 'scripts/set-up.mjs'])
    copyFileSync(join(root, file), join(clone, file))
  writeFileSync(join(folder, 'npm'), NPM)
  chmodSync(join(folder, 'npm'), 0o755)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
      cwd: clone,
      encoding: 'utf8',
    })
  git('init', '-q')
  git('add', '-A')
  git('commit', '-q', '-m', 'as cloned')
  return {
    clone,
    asked: () => (existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8') : ''),
    status: () => git('status', '--porcelain'),
    command: (env: Record<string, string> = {}) =>
      spawnSync(process.execPath, ['-e', "import('./scripts/set-up.mjs').then((setUp) => setUp.installPackages())"], {
        cwd: clone,
        encoding: 'utf8',
        env: { ...process.env, ...env, NODE_OPTIONS: '', PATH: `${folder}${delimiter}${process.env['PATH']}` },
      }),
  }
}

describe.skipIf(process.platform === 'win32')('the first command in a fresh clone', () => {
  it('installs what the lock says, leaves the repository clean, and the second command installs nothing', () => {
    const { command, asked, status } = freshClone()
    const first = command()
    expect(first.status, first.stderr).toBe(0)
    expect(asked()).toBe('ci\n')
    expect(status()).toBe('')
    expect(command().stderr).toBe('')
    expect(asked()).toBe('ci\n')
  })

  it('says what it does in lines of its own instead of warnings', () => {
    const { stderr } = freshClone().command()
    expect(stderr).toMatch(/^Installing about \d+ packages/)
    expect(stderr).not.toContain('npm warn')
  })

  it('installs again when the lock has changed, and after an installation that failed', () => {
    const { clone, command, asked } = freshClone()
    const failed = command({ NPM_FAILS: 'yes' })
    expect(failed.status).toBe(1)
    expect(failed.stderr).toContain('npm ci failed (exit 7)')
    expect(command().status).toBe(0)
    writeFileSync(join(clone, 'package-lock.json'), `${JSON.stringify({ ...lock, changed: true })}\n`)
    expect(command().status).toBe(0)
    expect(asked()).toBe('ci\nci\nci\n')
  })
})

it('the lock names every package that another platform needs, so that npm has nothing to add', () => {
  const packages = lock.packages as Record<string, { optionalDependencies?: Record<string, string> }>
  /** Looks for a package as Node does: in the folder itself, then in each folder above it. */
  const found = (folder: string, name: string): boolean =>
    `${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages ||
    (folder !== '' && found(folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/'))), name))
  const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).flatMap((name) => (found(folder, name) ? [] : `${name} of ${folder}`)),
  )
  expect(missing).toEqual([])
})
