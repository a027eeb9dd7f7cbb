import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { indexFolders } from './index-command.ts'
import { writeInstance } from './instance.fixture.ts'
import { byFullPath, movingAlong } from './name-prefix.ts'

const home = process.cwd()
let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'prefix-')))
  for (const name of ['one', 'two']) {
    mkdirSync(path.join(folder, name))
    writeFileSync(path.join(folder, name, name), name)
  }
})
afterEach(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true, force: true })
})

it.each(['by full path', 'moving along'])(
  'W1: %s a name leads to its file, from one directory to the next and back',
  (how) => {
    const moving = how === 'moving along' ? movingAlong() : null
    const prefix = moving?.prefix ?? byFullPath
    for (const name of ['one', 'two', 'one', 'one'])
      expect(statSync(prefix(path.join(folder, name)) + name).isFile()).toBe(true)
    moving?.back()
    expect(process.cwd()).toBe(home)
  },
)

it('W1: a directory that cannot be entered is named by its path, and the one after it is entered', () => {
  const { prefix, back } = movingAlong()
  expect(prefix(path.join(folder, 'gone'))).toBe(path.join(folder, 'gone') + path.sep)
  expect(prefix(path.join(folder, 'two'))).toBe('')
  expect(process.cwd()).toBe(path.join(folder, 'two'))
  back()
})

it('W1: a command stands where it stood when it is done, also when a folder is missing', async () => {
  const data = path.join(folder, 'data')
  mkdirSync(data)
  writeInstance(path.join(folder, 'one'), 'image', { number: 1 })
  expect((await indexFolders(data, [path.join(folder, 'one')])).indexed).toBe(1)
  expect((await indexFolders(data, [path.join(folder, 'one')])).unchanged).toBe(2)
  expect(process.cwd()).toBe(home)
  await expect(indexFolders(data, [path.join(folder, 'gone')])).rejects.toMatchObject({ code: 'folder-missing' })
  expect(process.cwd()).toBe(home)
})
