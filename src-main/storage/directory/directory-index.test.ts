import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import { DirectoryEntry } from '../../../src-core/contract/recipients.ts'
import { migrate, openDatabase } from '../database.ts'
import { DIRECTORY_MIGRATIONS, DirectoryIndex, openDirectoryDatabase } from './directory-index.ts'
import { entriesMigration } from './migrations/0001-entries.ts'

let directory: DirectoryIndex
const entry = (recipientId: string, more: Partial<DirectoryEntry>): DirectoryEntry =>
  DirectoryEntry.parse({ recipientId, kind: 'user', familyName: 'Sample', ...more })
const found = (text: string, favourites: string[] = [], limit = 20) =>
  directory.search(text, limit, favourites).map((each) => each.recipientId)

beforeEach(() => {
  const database = new Database(':memory:')
  migrate(database, DIRECTORY_MIGRATIONS)
  directory = new DirectoryIndex(database)
  directory.put([
    entry('peeters', {
      familyName: 'Peeters',
      givenName: 'Zoë',
      numbers: [{ system: 'RIZIV', value: '1-12345-67-890' }],
      rank: 5,
    }),
    entry('peetermans', {
      familyName: 'Peetermans',
      givenName: 'Jan',
      rank: 9,
      email: 'jan.p@clinic.example.org',
      emailPublic: true,
      mobile: '+32470112233',
      mobilePublic: true,
    }),
    entry('vdb', {
      familyName: 'Van den Berghe',
      givenName: 'Élise',
      mobile: '+32470998877',
      email: 'hidden@example.org',
    }),
    entry('strasse', { familyName: 'Straßer', givenName: 'Jörg', city: 'Köln' }),
  ])
})

describe('U3: one search field', () => {
  it.each([
    ['first name and last name in any order', 'zoe peet', ['peeters']],
    ['beginnings of words, the higher rank first', 'pee', ['peetermans', 'peeters']],
    ['diacritics do not matter', 'JORG strasser', ['strasse']],
    ['nor typed ones', 'zoë', ['peeters']],
    ['a name of several words typed as one', 'vandenberg', ['vdb']],
    ['a number with its separators', '1-12345-67-890', ['peeters']],
    ['a number with others', '1 12345.67', ['peeters']],
    ['a number without any', '112345', ['peeters']],
    ['a name and a number', 'peeters 1-123', ['peeters']],
    ['a public e-mail address', 'jan.p@clinic', ['peetermans']],
    ['a public mobile number, as dialled abroad', '+32 470 11 22', ['peetermans']],
    ['with 00', '0032470112233', ['peetermans']],
    ['or at home', '0470/11.22', ['peetermans']],
    ['nobody', 'nobody', []],
    ['nothing', '  ', []],
    ['quotes and operators are only text', '"pee" OR NEAR(*)', []],
  ])('U3: %s', (_, text, expected) => expect(found(text)).toEqual(expected))

  /** Numbers in the formats of the sample directory; several of them begin with zeros. */
  const numbers = ['0-000001-00-001', '0000000004', '00000100001', '10000000017', '999903900', '01-123456']
  const writings: readonly (readonly [string, (value: string) => string])[] = [
    ['as it is written', (value) => value],
    ['without separators', (value) => value.replaceAll('-', '')],
    ['with dots', (value) => value.replaceAll('-', '').replace(/(\d{3})(?=\d)/g, '$1.')],
    ['with spaces', (value) => value.replaceAll('-', '').replace(/(\d{2})(?=\d)/g, '$1 ')],
    ['by its first seven digits', (value) => value.replaceAll('-', '').slice(0, 7)],
  ]
  it.each(numbers.flatMap((value) => writings.map(([how, write]) => [value, how, write(value)] as const)))(
    'U3: the physician number %s is found %s, also where it begins with 00',
    (value, _, typed) => {
      directory.put([entry('numbered', { familyName: 'Voorbeeld', numbers: [{ system: 'RIZIV', value }] })])
      expect(found(typed)).toContain('numbered')
    },
  )

  it.each(['hidden', 'hidden@example.org', '0470998877', '+32470998877'])(
    'U3: a contact that is not public is not found (%s)',
    (text) => expect(found(text)).toEqual([]),
  )

  it.each([
    ['left out', 'petermans'],
    ['added', 'peeterrmans'],
    ['replaced', 'peetermanz'],
    ['swapped', 'peetremans'],
  ])('U3: one letter %s', (_, text) => expect(found(text)).toContain('peetermans'))

  it('favourites come first, whatever their rank', () =>
    expect(found('pee', ['peeters'])).toEqual(['peeters', 'peetermans']))
})

describe('W9: private contacts', () => {
  const secrets = ['+32470998877', 'hidden@example.org']
  const bytesOf = (folder: string) => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  const kept = { email: 'h•••@example.org', mobile: '+32 ••• •• 77' }

  it('W9: a private contact that is put in is never written, a public one is', () => {
    expect(directory.byIds(['vdb'])[0]).toMatchObject(kept)
    expect(directory.byIds(['peetermans'])[0]).toMatchObject({
      email: 'jan.p@clinic.example.org',
      mobile: '+32470112233',
    })
  })

  it('W9: private contacts that an earlier version kept are gone from every byte of the database', () => {
    const folder = mkdtempSync(join(tmpdir(), 'outpost-directory-'))
    try {
      const file = join(folder, 'directory.db')
      const before = openDatabase(file, { migrations: [entriesMigration], durability: 'normal' })
      const insert = before.prepare('INSERT INTO entry VALUES (?, ?, ?)')
      // The number of entries fills several pages; their sizes differ, so that rows move when they are rewritten.
      for (let index = 0; index < 500; index++) {
        const [mobile, email] = [`${secrets[0]}`, secrets[1]]
        const whole = entry(`r${index}`, { familyName: 'x'.repeat(1 + (index % 90)), mobile, email })
        insert.run(index, whole.recipientId, JSON.stringify(whole))
      }
      before.close()
      for (const secret of secrets) expect(bytesOf(folder).some((bytes) => bytes.includes(secret))).toBe(true)
      const after = openDirectoryDatabase(folder)
      expect(new DirectoryIndex(after).byIds(['r0', 'r499'])).toMatchObject([kept, kept])
      after.close()
      for (const secret of secrets) expect(bytesOf(folder).some((bytes) => bytes.includes(secret))).toBe(false)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('S8: keeping up', () => {
  it('an entry is replaced by its id, found by its new words only', () => {
    expect(directory.put([entry('peeters', { familyName: 'Janssens' })])).toEqual({ added: 0, changed: 1, total: 4 })
    expect([found('zoe'), found('janssens')]).toEqual([[], ['peeters']])
  })

  it('changes of the relay come with their revision', () => {
    directory.applyChanges({ revision: 12, entries: [entry('new', { familyName: 'Newcomer' })], removed: ['vdb'] })
    expect([
      directory.revision(),
      found('newc'),
      found('berghe'),
      directory.byIds(['new', 'vdb', 'peeters']).map((each) => each.recipientId),
    ]).toEqual([12, ['new'], [], ['new', 'peeters']])
  })

  it('the first are the answer among many, and quickly', { timeout: 120_000 }, () => {
    // The entries are written first, which takes a second on an idle machine.
    directory.put(
      Array.from({ length: 20_000 }, (_, index) =>
        entry(`many-${index}`, { familyName: `Family${index}`, givenName: 'Anna', rank: index }),
      ),
    )
    const quickest = (search: () => unknown): number =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          const start = performance.now()
          search()
          return performance.now() - start
        }),
      )
    expect(found('anna', [], 3)).toEqual(['many-19999', 'many-19998', 'many-19997'])
    // All matching entries have to be ranked. The search must take less time than reading all of them.
    const all = quickest(() => directory.byIds(Array.from({ length: 20_000 }, (_, index) => `many-${index}`)))
    expect(quickest(() => found('anna', [], 3))).toBeLessThan(all)
  })
})
