import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataFolder, privateFolder } from './data-folder.ts'

const FILES = ['ledger', 'index', 'directory'].flatMap((name) => [`${name}.db`, `${name}.db-wal`, `${name}.db-shm`])
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe.skipIf(process.platform === 'win32')('W8: the data folder belongs to one account', () => {
  let parent: string
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'outpost-folder-'))
  })
  afterEach(() => rmSync(parent, { recursive: true, force: true }))

  it('W8: a folder that others could read is closed to them, and so are the databases that lie in it', () => {
    const folder = join(parent, 'open')
    mkdirSync(join(folder, 'logs'), { recursive: true })
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'logs'), 0o755)
    for (const name of [...FILES, 'secrets.json', 'writer.lock']) {
      writeFileSync(join(folder, name), '')
      chmodSync(join(folder, name), 0o644)
    }
    expect(dataFolder({ data: folder })).toBe(folder)
    expect(modeOf(folder)).toBe('700')
    expect(modeOf(join(folder, 'logs'))).toBe('700')
    expect([...FILES, 'secrets.json', 'writer.lock'].map((name) => modeOf(join(folder, name)))).toEqual(
      Array.from({ length: FILES.length + 2 }, () => '600'),
    )
  })

  it('W8: a folder that is made is closed whatever the umask of the shell is', () => {
    const before = process.umask(0)
    try {
      expect(modeOf(dataFolder({ data: join(parent, 'new') }))).toBe('700')
    } finally {
      process.umask(before)
    }
  })

  it('W8: a link in the data folder does not change the mode of what it points at', () => {
    const elsewhere = join(parent, 'elsewhere')
    writeFileSync(elsewhere, '')
    chmodSync(elsewhere, 0o644)
    mkdirSync(join(parent, 'data'))
    symlinkSync(elsewhere, join(parent, 'data', 'index.db'))
    dataFolder({ data: join(parent, 'data') })
    expect(modeOf(elsewhere)).toBe('644')
  })

  it('W8: a folder that belongs to another user is refused, and nothing in it is changed', () => {
    chmodSync(parent, 0o755)
    const other = (process.getuid?.() ?? 0) + 1
    expect(() => privateFolder(parent, other)).toThrow(expect.objectContaining({ code: 'data-folder-of-another-user' }))
    expect(modeOf(parent)).toBe('755')
  })
})
