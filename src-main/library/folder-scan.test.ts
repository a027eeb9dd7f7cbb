import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openIndexDatabase } from '../storage/index/index-database.ts'
import { IndexWriter } from '../storage/index/index-writer.ts'
import { FolderScan, type ScanProgress } from './folder-scan.ts'
import { instanceBytes } from './instance.fixture.ts'
import { sameContent } from './same-content.ts'

const work = mkdtempSync(path.join(tmpdir(), 'folder-scan-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

it('W1: a large folder shows studies before it is fully listed; each directory is announced before it is listed', {
  // The test writes 600 files and reads them.
  timeout: 120_000,
}, async () => {
  const root = path.join(work, 'many')
  const file = instanceBytes()
  for (let directory = 0; directory < 300; directory++) {
    mkdirSync(path.join(root, String(directory)), { recursive: true })
    for (const name of ['1', '2']) writeFileSync(path.join(root, String(directory), name), file)
  }
  const database = openIndexDatabase(work)
  const happened: string[] = []
  const progress: ScanProgress[] = []
  const counts = await new FolderScan(new IndexWriter(database, sameContent)).run('one', root, {
    now: () => Date.now(),
    settlingMs: 0,
    proceed: () => Promise.resolve(true),
    progress: (one) => progress.push(one),
    committed: () => happened.push('committed'),
    listing: (directory) => happened.push(directory),
  })
  database.close()
  expect(counts).toMatchObject({ files: 600, indexed: 600, skipped: 0, removed: 0 })
  const first = happened.indexOf('committed')
  expect(first).toBeGreaterThan(50)
  expect(first).toBeLessThan(150)
  expect(happened.filter((one) => one !== 'committed')).toHaveLength(301)
  expect(progress.at(-1)).toEqual({ done: 600, total: 600, secondsLeft: 0 })
})
