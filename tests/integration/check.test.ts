/** Runs each step of `npm run check` as a test: types of every folder, lint with the layers, dead code. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import checks from '../../scripts/checks.json' with { type: 'json' }
import { findCode } from '../../scripts/find-code.mjs'
import { root } from '../support/programs.ts'

describe('the code', () => {
  it.each(checks)('$name', ({ args }) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    })
    expect(status, `${stdout}${stderr}`).toBe(0)
  })
})

/**
 * Returns waits that lint does not find: fixed seconds in a shell, and waits with Vitest's default limit of one second.
 */
function hastyWaits(file: string, source: string): string[] {
  const shells = [...source.matchAll(/\bsleep \d[\d.]*/g)].map(([wait]) => wait)
  const calls = ['vi.waitFor($check)', 'vi.waitUntil($check)'].flatMap((call) =>
    source.includes(call.slice(0, call.indexOf('('))) ? findCode(file, source, call).map(() => call) : [],
  )
  return [...shells, ...calls].map((wait) => `${file}: ${wait}`)
}

describe('tests wait for events', () => {
  it('a wait of some seconds in a shell, and one without a limit of its own, are found', () => {
    const shell = `execSync('sl${''}eep 1.5; true')`
    const source = `${shell}\nvi.waitFor(() => holds())\nvi.waitFor(() => holds(), { timeout: 60_000 })`
    expect(hastyWaits('a.ts', source)).toEqual([`a.ts: sl${''}eep 1.5`, 'a.ts: vi.waitFor($check)'])
  })
  it('no test has one', () => {
    const files = readdirSync(root)
      .filter((folder) => folder === 'tests' || folder.startsWith('src-'))
      .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`))
      .filter((file) => (file.startsWith('tests/') ? /\.tsx?$/ : /\.test\.tsx?$/).test(file))
    expect(files.length).toBeGreaterThan(200)
    expect(files.flatMap((file) => hastyWaits(file, readFileSync(path.join(root, file), 'utf8')))).toEqual([])
  })
})
