/** Tests the messages of `npm run check` for a tree in which files or folders import each other. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkLayers } from '../../scripts/check-layers.mjs'

const MAY = { 'src-main': { storage: [], sync: ['storage'] } }

function check(sources: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'outpost-layers-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [file, source] of Object.entries(sources)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), source)
  }
  return checkLayers(folder, Object.keys(sources), MAY)
}

const circle = { 'src-core/a.ts': "import './b.ts'", 'src-core/b.ts': "export * from './c.ts'" }
const CIRCLE = 'src-core/a.ts, src-core/b.ts, src-core/c.ts'

describe('npm run check fails on', () => {
  it.each([
    ["import { a } from './a.ts'"],
    ["import type { A } from './a.ts'"],
    ["import { type A } from './a.ts'"],
    ["export type { A } from './a.ts'"],
    ["export * from './a.ts'"],
    ["type B = import('./a.ts').A"],
    ["const a = await import('./a.ts')"],
  ])('a circle of files that is closed by: %s', (closing) => {
    expect(check({ ...circle, 'src-core/c.ts': closing })).toEqual([
      `These files import each other in a circle: ${CIRCLE}`,
    ])
  })

  it('two folders that import each other, by types or from folders below them', () => {
    const problems = check({
      'src-main/storage/ledger/a.ts': "import type { B } from '../../sync/b.ts'",
      'src-main/storage/c.ts': '',
      'src-main/sync/b.ts': '',
      'src-main/sync/d.ts': "import '../storage/c.ts'",
    })
    expect(problems[0]).toContain('The folders src-main/storage and src-main/sync import each other')
    expect(problems[0]).toContain('src-main/storage/ledger/a.ts imports src-main/sync/b.ts')
  })

  it('an import of a folder that the table does not name', () => {
    const sources = { 'src-main/storage/a.ts': "import '../sync/b.ts'", 'src-main/sync/b.ts': '' }
    expect(check(sources)).toEqual([
      'MAY_IMPORT of scripts/check-layers.mjs does not name it: src-main/storage/a.ts imports src-main/sync/b.ts',
    ])
  })
})

it('npm run check passes a tree that has neither', () => {
  expect(check({ 'src-main/storage/a.ts': '', 'src-main/sync/b.ts': "import '../storage/a.ts'" })).toEqual([])
})
