import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchTree, type TreeWatch } from './tree-watch.ts'

let root: string
let events: (string | null)[]
let watch: TreeWatch
const failed = vi.fn<() => void>()
const told = (name: string | null) =>
  vi.waitFor(() => expect(events).toContain(name), { timeout: 15_000, interval: 20 })

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'tree-watch-'))
  mkdirSync(path.join(root, 'one', 'two'), { recursive: true })
  events = []
  failed.mockClear()
  watch = watchTree(root, (name) => events.push(name), failed)
  for (const directory of ['one', path.join('one', 'two'), path.join('one', 'two'), 'never']) watch.see(directory)
})
afterEach(() => {
  watch.close()
  rmSync(root, { recursive: true, force: true })
})

it('W1: what changes in the folder, and in any directory that was listed, is told by its path', async () => {
  for (const file of ['top', path.join('one', 'middle'), path.join('one', 'two', 'deep')]) {
    writeFileSync(path.join(root, file), 'x')
    await told(file)
  }
  expect(failed).not.toHaveBeenCalled()
})

it('W1: a new directory is told, and what comes into it once it was listed', async () => {
  mkdirSync(path.join(root, 'one', 'new'))
  await told(path.join('one', 'new'))
  watch.see(path.join('one', 'new'))
  writeFileSync(path.join(root, 'one', 'new', 'file'), 'x')
  await told(path.join('one', 'new', 'file'))
})

it.skipIf(process.platform !== 'linux')(
  'W1: after a directory is moved away everything is scanned again, and no change has its old name',
  async () => {
    renameSync(path.join(root, 'one'), path.join(root, 'other'))
    await told(null)
    await told('other')
    events.length = 0
    writeFileSync(path.join(root, 'other', 'two', 'file'), 'x')
    writeFileSync(path.join(root, 'last'), 'x')
    await told('last')
    expect(events.filter((name) => name?.startsWith('one'))).toEqual([])
  },
)

it('W1: closed, it tells nothing more', async () => {
  watch.close()
  watch.see('one')
  // A second watch of the same directory reports the file: by then the closed watch would have reported it too.
  const heard: (string | null)[] = []
  const witness = watchTree(root, (name) => heard.push(name), failed)
  witness.see('one')
  writeFileSync(path.join(root, 'one', 'file'), 'x')
  await vi.waitFor(() => expect(heard).toContain(path.join('one', 'file')), { timeout: 15_000, interval: 20 })
  witness.close()
  expect(events).toEqual([])
})
