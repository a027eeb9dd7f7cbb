import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate, openDatabase } from './database.ts'
import { LEDGER_MIGRATIONS } from './ledger/ledger-database.ts'
import { openStorage } from './open-storage.ts'

const entry = new URL('./worker.ts', import.meta.url)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outpost-storage-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

// Each test starts a thread or a process that loads the database.
describe('storage worker', { timeout: 120_000 }, () => {
  it('answers calls of a repository and closes', async () => {
    const storage = await openStorage({ entry, dataFolder: folder })
    expect(await storage.audit.verify()).toMatchObject({ entries: 0, ok: true })
    await storage.close()
    await expect(storage.audit.verify()).rejects.toThrow('the storage worker has ended')
  })

  it('W14: a second writer of the same data folder is refused, and may come once the first has gone', async () => {
    const first = await openStorage({ entry, dataFolder: folder })
    await expect(openStorage({ entry, dataFolder: folder })).rejects.toMatchObject({ code: 'data-folder-in-use' })
    await first.close()
    const second = await openStorage({ entry, dataFolder: folder })
    await second.close()
  })

  it('W14: the lock of a process that was killed ends with it', async () => {
    const lockModule = new URL('./data-folder-lock.ts', import.meta.url).href
    const source = `import { lockDataFolder } from ${JSON.stringify(lockModule)}
      globalThis.lock = lockDataFolder(${JSON.stringify(folder)})
      process.stdout.write('locked'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const gone = new Promise((resolve) => child.once('exit', resolve))
    try {
      await expect(openStorage({ entry, dataFolder: folder })).rejects.toMatchObject({ code: 'data-folder-in-use' })
    } finally {
      child.kill('SIGKILL')
      await gone
    }
    const storage = await openStorage({ entry, dataFolder: folder })
    await storage.close()
  })

  it('a database from a newer version is refused and left alone', async () => {
    const database = new Database(join(folder, 'ledger.db'))
    database.pragma('user_version = 99')
    database.close()
    await expect(openStorage({ entry, dataFolder: folder })).rejects.toMatchObject({
      code: 'data-from-newer-version',
      detail: { found: 99 },
    })
  })
})

describe('migrations of the ledger', () => {
  it('W6: a commit is fsynced before it is acknowledged (WAL with synchronous FULL)', () => {
    const database = openDatabase(join(folder, 'ledger.db'), { migrations: LEDGER_MIGRATIONS, durability: 'full' })
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(database.pragma('synchronous', { simple: true })).toBe(2)
    database.close()
  })

  it('keep what a database of the version before holds', () => {
    const path = join(folder, 'ledger.db')
    const before = openDatabase(path, { migrations: LEDGER_MIGRATIONS.slice(0, -1), durability: 'full' })
    before
      .prepare(
        `INSERT INTO share VALUES ('s1', '2026-11-21T10:00:00Z', 'p1', 'SAMPLE, Tess', 'o', 'd', 'w', '{}', 'en',
            'SAMPLE^Patient', 'ID1', 1, 10, NULL, NULL, NULL, NULL)`,
      )
      .run()
    const rows = before.prepare('SELECT * FROM share').all()
    before.close()
    const after = openDatabase(path, { migrations: LEDGER_MIGRATIONS, durability: 'full' })
    expect(after.pragma('user_version', { simple: true })).toBe(LEDGER_MIGRATIONS.length)
    expect(after.prepare('SELECT * FROM share').all()).toEqual(rows)
    expect(after.prepare('SELECT * FROM staff').all()).toEqual([])
    after.close()
  })

  it('W9: private contacts of recipients are masked, but of shares that are being confirmed', () => {
    const path = join(folder, 'ledger.db')
    const before = openDatabase(path, { migrations: LEDGER_MIGRATIONS.slice(0, 4), durability: 'full' })
    const contacts = { email: 'hidden@example.org', emailPublic: false, mobile: '+32470998877', mobilePublic: false }
    const add = (shareId: string, step: string, position: number) => {
      before
        .prepare(
          `INSERT INTO share VALUES (?, '2026-11-21T10:00:00Z', 'p1', 'SAMPLE, Tess', 'o', 'd', 'w', '{}', 'en',
            'SAMPLE^Patient', 'ID1', 1, 10, NULL, NULL, NULL, NULL)`,
        )
        .run(shareId)
      before
        .prepare("INSERT INTO share_grant (shareId, recipientId, ordinal, entry, star) VALUES (?, 'r', 0, ?, 0)")
        .run(shareId, JSON.stringify(contacts))
      before
        .prepare("INSERT INTO outbox VALUES (?, 'queued', ?, NULL, NULL, NULL, 0, '', 0, ?, NULL)")
        .run(shareId, step, position)
    }
    add('s1', 'upload', 1)
    add('s2', 'confirm', 2)
    before.close()
    const after = openDatabase(path, { migrations: LEDGER_MIGRATIONS, durability: 'full' })
    const entries = after.prepare('SELECT entry FROM share_grant ORDER BY shareId').pluck().all() as string[]
    expect(entries.map((entry) => JSON.parse(entry) as unknown)).toEqual([
      { ...contacts, email: 'h•••@example.org', mobile: '+32 ••• •• 77' },
      contacts,
    ])
    after.close()
  })

  it('a migration that fails leaves the database as it was', () => {
    const database = new Database(':memory:')
    expect(() =>
      migrate(database, [
        { name: 'good', sql: 'CREATE TABLE a (b INTEGER) STRICT' },
        { name: 'broken', sql: 'CREATE TABLE' },
      ]),
    ).toThrow()
    expect(database.pragma('user_version', { simple: true })).toBe(0)
    expect(database.prepare(`SELECT name FROM sqlite_schema`).all()).toEqual([])
  })

  it('every table is STRICT', () => {
    const database = new Database(':memory:')
    migrate(database, LEDGER_MIGRATIONS)
    const tables = database.pragma('table_list') as { name: string; strict: number; schema: string }[]
    expect(
      tables.filter((table) => table.strict !== 1 && !table.name.startsWith('sqlite_')).map((table) => table.name),
    ).toEqual([])
  })
})
