import { createHash, randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { codeOf } from '../../src-core/contract/errors.ts'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { SealedFileSecrets } from '../secrets/sealed-file.ts'
import { openSpool } from '../sharing/prepare-spool.ts'
import { openRepositories } from './repositories.ts'
import { storageFailure } from './storage-failure.ts'

const PAGE = 4096
const root = mkdtempSync(join(tmpdir(), 'outpost-damaged-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const entry = (at: string) => ({
  at,
  action: 'sign-in' as const,
  actor: { kind: 'staff' as const, id: 's', name: 'SAMPLE, Tess' },
  organisationId: 'o',
  departmentId: 'd',
  workstationId: 'w',
  subject: 's',
  detail: {},
})

/** An undamaged data folder with rows in its ledger, all of them checkpointed. */
const whole = join(root, 'whole')
const made = openRepositories(whole)
for (let count = 0; count < 200; count += 1) made.repositories.audit.append(entry('2026-11-21T10:00:00.000Z'))
made.close()

/** Digests of a database and its write-ahead log; an empty log counts like a missing one. */
const digests = (folder: string, name: string) =>
  ['', '-wal'].map((ending) => {
    const file = join(folder, name + ending)
    return createHash('sha256')
      .update(existsSync(file) ? readFileSync(file) : '')
      .digest('hex')
  })

let folders = 0
function copied(): string {
  folders += 1
  const folder = join(root, String(folders))
  cpSync(whole, folder, { recursive: true })
  return folder
}

/** @returns the error code of opening the ledger, and otherwise the number of entries in its log */
function opened(folder: string): { code: string | null; entries: number } {
  try {
    const { repositories, close } = openRepositories(folder)
    try {
      return { code: null, entries: repositories.audit.verify().entries }
    } finally {
      close()
    }
  } catch (error) {
    return { code: codeOf(error), entries: -1 }
  }
}

const damages: Record<string, (file: string) => void> = {
  'a zeroed header': (file) =>
    writeFileSync(file, Buffer.concat([Buffer.alloc(100), readFileSync(file).subarray(100)])),
  'a file cut in the middle of a page': (file) => truncateSync(file, PAGE * 2 + 100),
  'a file cut at a page': (file) => truncateSync(file, PAGE * 2),
  'an empty file': (file) => truncateSync(file, 0),
  'a text in its place': (file) => writeFileSync(file, 'This is no database. '.repeat(500)),
  'random pages from the second on': (file) => {
    const bytes = readFileSync(file)
    for (let page = 1; page * PAGE < bytes.length; page += 1) randomBytes(PAGE).copy(bytes, page * PAGE)
    writeFileSync(file, bytes)
  },
}

describe('W14: a damaged file of the data folder', () => {
  for (const [name, damage] of Object.entries(damages)) {
    it(`W14: ${name}: the ledger is named as damaged and stays as it was found`, () => {
      const folder = copied()
      damage(join(folder, 'ledger.db'))
      const before = digests(folder, 'ledger.db')
      expect(opened(folder).code).toBe('ledger-damaged')
      expect(digests(folder, 'ledger.db')).toEqual(before)
    })

    it.each(['index.db', 'directory.db'])(`W14: ${name}: %s starts anew by itself`, (file) => {
      const folder = copied()
      damage(join(folder, file))
      expect(opened(folder)).toEqual({ code: null, entries: 200 })
    })
  }

  it('W14: whichever bytes of the ledger are overwritten, it opens or is named; nothing else is thrown', () => {
    const intact = readFileSync(join(whole, 'ledger.db'))
    const place = fc.integer({ min: 0, max: intact.length - 1 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 600 })), { minLength: 1, maxLength: 4 }),
        (holes) => {
          const folder = copied()
          const bytes = Buffer.from(intact)
          for (const [at, random] of holes) bytes.set(random.subarray(0, bytes.length - at), at)
          writeFileSync(join(folder, 'ledger.db'), bytes)
          expect([null, 'ledger-damaged', 'data-from-newer-version']).toContain(opened(folder).code)
          rmSync(folder, { recursive: true })
        },
      ),
      { numRuns: 40, seed: 7 },
    )
  }, 60_000)

  it('W14: a ledger whose write-ahead log is missing opens as of its last checkpoint', () => {
    const folder = copied()
    const { repositories, close } = openRepositories(folder)
    repositories.audit.append(entry('2026-11-21T11:00:00.000Z'))
    const elsewhere = copied()
    cpSync(join(folder, 'ledger.db'), join(elsewhere, 'ledger.db'))
    close()
    expect(opened(elsewhere).code).toBeNull()
  })

  it('W9 W14: a damaged secrets file is named and stays as it was found', async () => {
    const path = join(root, 'secrets.json')
    const secrets = new SealedFileSecrets(path, { memoryKiB: 1024, passes: 1, lanes: 1 })
    await secrets.unlock('correct horse')
    const text = readFileSync(path, 'utf8')
    const file = JSON.parse(text) as Record<string, unknown>
    for (const damaged of [
      '',
      '\0'.repeat(text.length),
      text.slice(0, 90),
      '[]',
      ...['kdf', 'nonce', 'box'].map((name) => JSON.stringify({ ...file, [name]: 'AA==' })),
    ]) {
      writeFileSync(path, damaged)
      await expect(new SealedFileSecrets(path).unlock('correct horse')).rejects.toMatchObject({
        code: 'secrets-damaged',
      })
      expect(readFileSync(path, 'utf8')).toBe(damaged)
    }
  })
})

describe('W14: a full disk', () => {
  it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'W14: on a disk that is full, ledger and spool say so, and both go on once there is room',
    async () => {
      const disk = join(root, 'small-disk')
      mkdirSync(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk])
      try {
        const { repositories, close } = openRepositories(disk)
        const spool = openSpool(join(disk, 'spool'))
        const append = () => repositories.audit.append(entry('2026-11-21T10:00:00.000Z'))
        const send = async () => {
          const writer = await spool.begin('package')
          try {
            const part = await writer.part('images', (await newIdentity()).recipient)
            await part.write(Buffer.alloc(300_000))
            await part.end()
          } finally {
            await writer.abandon()
          }
        }
        append()
        await send()
        const filler = join(disk, 'filler')
        expect(() => writeFileSync(filler, Buffer.alloc(4 * 2 ** 20))).toThrow('ENOSPC')
        await expect(send()).rejects.toMatchObject({ code: 'disk-full' })
        let thrown: unknown
        try {
          for (let tries = 0; tries < 1000; tries += 1) append()
        } catch (error) {
          thrown = error
        }
        expect(codeOf(storageFailure(thrown))).toBe('disk-full')
        rmSync(filler)
        append()
        await send()
        close()
      } finally {
        execFileSync('umount', ['-l', disk])
      }
    },
  )

  it('W14: a database that can grow no more says that the disk is full', () => {
    const database = new Database(':memory:')
    database.exec('CREATE TABLE a (b BLOB) STRICT')
    database.pragma('max_page_count = 4')
    const fill = () => database.prepare('INSERT INTO a VALUES (?)').run(Buffer.alloc(100_000))
    let thrown: unknown
    try {
      fill()
    } catch (error) {
      thrown = error
    }
    expect(codeOf(storageFailure(thrown))).toBe('disk-full')
  })
})
