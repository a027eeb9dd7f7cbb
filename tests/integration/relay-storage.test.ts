import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { openDatabase } from '../../src-relay/storage/database.ts'
import { systemFolder } from '../../src-relay/storage/embedded-binaries.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src-relay/storage/embedded-postgres.ts'
import { migrations } from '../../src-relay/storage/migrations/index.ts'
import {
  codeOfFailure,
  enrolWorkstation,
  feedEvents,
  startRelay,
  temporaryFolder,
  relayApi,
  writeSeed,
  type TestRelay,
} from './relay-support.ts'

let temporary: { folder: string; remove(): Promise<void> }
let postgres: EmbeddedPostgres

beforeAll(async () => {
  temporary = await temporaryFolder()
  postgres = await startEmbeddedPostgres(join(temporary.folder, 'database'))
})

afterAll(async () => {
  await postgres.close()
  await temporary.remove()
})

/** Creates a new database in the same PostgreSQL. */
async function fresh(name: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  await client.end()
  return postgres.url.replace(/\/outpost$/, `/${name}`)
}

const open = (url: string): Kysely<unknown> =>
  new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) })
const names = Object.keys(migrations).sort()

describe('migrations', () => {
  it.each(names.slice(1).map((name, index) => [name, names[index]!] as const))(
    '%s keeps what was there at %s',
    async (name, before) => {
      const url = await fresh(`migration_${name.slice(0, 4)}`)
      const old = open(url)
      await new Migrator({ db: old, provider: { getMigrations: () => Promise.resolve(migrations) } }).migrateTo(before)
      await sql`INSERT INTO organisation (organisation_id, name, recipient, directory_revision)
        VALUES ('5a3f1c20-0000-4000-8000-000000000001', 'Sample', 'age1sample', 7)`.execute(old)
      await sql`INSERT INTO directory_entry (organisation_id, recipient_id, revision, entry)
        VALUES ('5a3f1c20-0000-4000-8000-000000000001', 'r', 7, '{"recipientId":"r"}')`.execute(old)
      const rows = async (db: Kysely<unknown>) => [
        (await sql`SELECT * FROM organisation`.execute(db)).rows,
        (await sql`SELECT * FROM directory_entry`.execute(db)).rows,
      ]
      const was = await rows(old)
      await old.destroy()
      const now = await openDatabase(url)
      expect(await rows(now.db as Kysely<unknown>)).toEqual(
        was.map((each) =>
          each.map((row) => ({
            ...(row as object),
            ...('revision' in (row as object) && { revision: 7 }),
            ...('directory_revision' in (row as object) && { directory_revision: 7 }),
          })),
        ),
      )
      await now.close()
    },
  )

  it('a database of a newer relay is refused', async () => {
    const url = await fresh('newer')
    await (await openDatabase(url)).close()
    const db = open(url)
    await sql`INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-from-the-future', '2030-01-01')`.execute(db)
    await db.destroy()
    expect(await codeOfFailure(openDatabase(url))).toBe('data-from-newer-version')
  })
})

describe('the migration of the terms of earlier shares', () => {
  const id = (number: number): string => `6b4f2d30-0000-4000-8000-${String(number).padStart(12, '0')}`
  const [organisation, department, workstation] = [id(1), id(2), id(3)]

  it('X1: each share keeps the terms that it was delivered with', async () => {
    const url = await fresh('migration_terms')
    const old = open(url)
    const provider = { getMigrations: () => Promise.resolve(migrations) }
    await new Migrator({ db: old, provider }).migrateTo('0008-audit')
    await sql`INSERT INTO organisation (organisation_id, name, recipient)
      VALUES (${organisation}, 'Sample', 'age1')`.execute(old)
    await sql`INSERT INTO department
      VALUES (${department}, ${organisation}, 'Radiology', '{"timeZone":"Europe/Brussels"}')`.execute(old)
    await sql`INSERT INTO workstation (workstation_id, department_id, name, token_sha256, signing_key, recipient,
      enrolled_at)
      VALUES (${workstation}, ${department}, 'Room 1', '\\x01', '\\x02', 'age1', now())`.execute(old)
    const shares = [
      { share: id(10), urgent: true, anonymized: false, further: true, end: '2026-12-21T22:59:59.999Z', mail: true },
      { share: id(11), urgent: false, anonymized: true, further: false, end: null, mail: false },
    ]
    for (const { share, urgent, anonymized, further, end, mail } of shares) {
      await sql`INSERT INTO package (package_id, department_id, workstation_id, manifest_sha256, signature, parts,
        created_at)
        VALUES (${share}, ${department}, ${workstation}, 'hash', 'signature', '[]', now())`.execute(old)
      await sql`INSERT INTO share (share_id, package_id, department_id, workstation_id, request_sha256, answer,
        sealed_details, urgent, anonymized, further_sharing, delivered_at, expires_at)
        VALUES (${share}, ${share}, ${department}, ${workstation}, '\\x01', 'answer', 'details', ${urgent},
        ${anonymized}, ${further}, '2026-11-21', ${end})`.execute(old)
      await sql`INSERT INTO share_grant (grant_id, share_id, recipient_id, language, recipient_right, two_factor,
        sealed_contact, token_sha256)
        VALUES (${share}, ${share}, 'r', 'en', 'images-read-report', false, 'contact', ${Buffer.from(share)})`.execute(
        old,
      )
      if (mail)
        await sql`INSERT INTO notice (notice_id, grant_id, kind, message_id, created_at)
          VALUES (${share}, ${share}, 'mail', ${share}, now())`.execute(old)
    }
    await old.destroy()
    const now = await openDatabase(url)
    const rows = await now.db.selectFrom('share').select(['terms']).orderBy('share_id').execute()
    expect(rows.map(({ terms }) => terms)).toEqual([
      {
        urgent: true,
        anonymize: false,
        furtherSharing: true,
        sendMail: true,
        validity: { kind: 'until', day: '2026-12-21' },
      },
      { urgent: false, anonymize: true, furtherSharing: false, sendMail: false, validity: { kind: 'unlimited' } },
    ])
    await now.close()
  })
})

describe('the migration of shares that were made before', () => {
  const id = (number: number): string => `5a3f1c20-0000-4000-8000-${String(number).padStart(12, '0')}`
  const [organisation, department, workstation] = [id(1), id(2), id(3)]
  const [live, ended] = [id(10), id(11)]

  it('X1: notices that wait keep what they say, and are told apart by kind and channel from then on', async () => {
    const url = await fresh('migration_notices')
    const old = open(url)
    const provider = { getMigrations: () => Promise.resolve(migrations) }
    await new Migrator({ db: old, provider }).migrateTo('0008-audit')
    await sql`INSERT INTO organisation VALUES (${organisation}, 'Sample', 'age1sample')`.execute(old)
    await sql`INSERT INTO department VALUES (${department}, ${organisation}, 'Radiology', '{}')`.execute(old)
    await sql`INSERT INTO workstation
      VALUES (${workstation}, ${department}, 'Room 1', '\\x01', '\\x02', 'age1', now())`.execute(old)
    await sql`INSERT INTO package
      VALUES (${live}, ${department}, ${workstation}, 'hash', 'signature', '[]', now())`.execute(old)
    await sql`INSERT INTO share
      VALUES (${live}, ${live}, ${department}, ${workstation}, '\\x01', 'answer', 'details', false, false,
      false, '2026-01-01')`.execute(old)
    await sql`INSERT INTO share_grant (grant_id, share_id, recipient_id, language, recipient_right, two_factor,
      sealed_contact, token_sha256)
      VALUES (${live}, ${live}, 'r', 'en', 'images-read-report', false, 'contact', 'token')`.execute(old)
    for (const [number, kind] of ['mail', 'text'].entries())
      await sql`INSERT INTO notice VALUES (${id(number)}, ${live}, ${kind}, 'body', ${kind}, 'queued', now())`.execute(
        old,
      )
    await old.destroy()
    const { db, close } = await openDatabase(url)
    const notices = await db.selectFrom('notice').select(['kind', 'channel', 'state']).orderBy('channel').execute()
    await close()
    expect(notices).toEqual([
      { kind: 'mail-of-share', channel: 'mail', state: 'queued' },
      { kind: 'one-time-password', channel: 'text', state: 'queued' },
    ])
  })

  it('X1: a live share keeps its keys, an ended one loses them with its owner slot, and sessions end', async () => {
    const url = await fresh('migration_endings')
    const old = open(url)
    const provider = { getMigrations: () => Promise.resolve(migrations) }
    await new Migrator({ db: old, provider }).migrateTo('0003-code-limits')
    await sql`INSERT INTO organisation (organisation_id, name, recipient)
      VALUES (${organisation}, 'Sample', 'age1sample')`.execute(old)
    await sql`INSERT INTO department VALUES (${department}, ${organisation}, 'Radiology', '{}')`.execute(old)
    await sql`INSERT INTO workstation
      VALUES (${workstation}, ${department}, 'Room 1', '\\x01', '\\x02', 'age1', now(), NULL)`.execute(old)
    for (const share of [live, ended]) {
      await sql`INSERT INTO package
        VALUES (${share}, ${department}, ${workstation}, 'hash', 'signature',
        ${Buffer.from(`owner ${share}`)}, '[{"object":"o"}]', now())`.execute(old)
      await sql`INSERT INTO share
        VALUES (${share}, ${share}, ${department}, ${workstation}, '\\x01', 'answer', 'details',
        ${Buffer.from(`account ${share}`)}, false, false, false, '2026-01-01', NULL,
        ${share === ended ? '2026-01-02' : null}, ${share === ended ? 'withdrawn' : null})`.execute(old)
      await sql`INSERT INTO share_grant (grant_id, share_id, recipient_id, language, recipient_right, two_factor,
        sealed_contact, token_sha256)
        VALUES (${share}, ${share}, 'r', 'en', 'images-read-report', false, 'contact', ${Buffer.from(share)})`.execute(
        old,
      )
      await sql`INSERT INTO portal_session VALUES (${Buffer.from(share)}, ${share}, now())`.execute(old)
    }
    await sql`INSERT INTO server_secret VALUES (${live}, 'secret')`.execute(old)
    await sql`ANALYZE`.execute(old)
    await old.destroy()
    const { db, close } = await openDatabase(url)
    const all = (table: 'server_secret' | 'owner_slot' | 'portal_session') => db.selectFrom(table).selectAll().execute()
    expect(await all('server_secret')).toEqual([
      { share_id: live, secret: Buffer.from('secret'), account_slot: Buffer.from(`account ${live}`) },
    ])
    expect(await all('owner_slot')).toEqual([{ package_id: live, slot: Buffer.from(`owner ${live}`) }])
    expect(await all('portal_session')).toEqual([])
    const packages = await db.selectFrom('package').select(['package_id', 'emptied_at']).orderBy('package_id').execute()
    expect(packages.map((row) => [row.package_id, row.emptied_at === null])).toEqual([
      [live, true],
      [ended, false],
    ])
    const details = await db.selectFrom('share').select(['answer', 'sealed_details']).execute()
    expect(details).toEqual([live, ended].map(() => ({ answer: 'answer', sealed_details: Buffer.from('details') })))
    await db.executeQuery(sql`ANALYZE`.compile(db))
    const { rows } = await sql<{ tablename: string }>`
      SELECT tablename FROM pg_stats WHERE attname IN ('secret', 'slot', 'account_slot', 'owner_slot')`.execute(db)
    expect(rows).toEqual([])
    await close()
  })
})

describe('the database of its own', () => {
  it('S4: fsync and synchronous commit are on, and it listens on the loopback alone', async () => {
    const db = open(postgres.url)
    const show = async (name: string): Promise<unknown> =>
      Object.values((await sql.raw(`SHOW ${name}`).execute(db)).rows[0] as object)[0]
    expect([
      await show('fsync'),
      await show('synchronous_commit'),
      await show('full_page_writes'),
      await show('listen_addresses'),
    ]).toEqual(['on', 'on', 'on', '127.0.0.1'])
    await db.destroy()
  })

  it.skipIf(process.getuid?.() !== 0)(
    'a database that another relay is only just making is not taken for one that was left behind',
    async () => {
      const [making, starting] = await Promise.all(
        ['making', 'starting'].map((name) => mkdtemp(join(tmpdir(), `outpost-${name}-`))),
      )
      const name = `data-${randomBytes(8).toString('hex')}`
      const data = join(await systemFolder(), name)
      await mkdir(data)
      // The file that names a database is written only after the database was made.
      await writeFile(`${data}.owner`, join(making!, 'database.json'))
      try {
        await (await startEmbeddedPostgres(join(starting!, 'relay'))).close()
        expect(await readdir(await systemFolder())).toContain(name)
        await rm(making!, { recursive: true })
        await (await startEmbeddedPostgres(join(starting!, 'another'))).close()
        expect(await readdir(await systemFolder())).not.toContain(name)
      } finally {
        for (const leftover of [data, `${data}.owner`, making!, starting!])
          await rm(leftover, { recursive: true, force: true })
      }
    },
  )

  it('its password is for its owner alone', async () => {
    expect((await stat(join(temporary.folder, 'database', 'database.json'))).mode & 0o077).toBe(0)
  })
})

describe('the seed', () => {
  it('X1: outside a demonstration it names each organisation’s recipient and stores no private key', async () => {
    const folder = join(temporary.folder, 'real')
    const { identity, recipient } = await newIdentity()
    const start = async (seed: string): Promise<TestRelay> =>
      startRelay(folder, {
        database: { url: await fresh(`real_${randomUUID().slice(0, 8)}`) },
        keysFile: join(folder, 'relay-keys.json'),
        demonstration: false,
        seed,
      })
    expect(await codeOfFailure(start(await writeSeed(temporary.folder, { recipient: null })))).toBe(
      'organisation-recipient-missing',
    )
    const seed = await writeSeed(temporary.folder, { recipient })
    const relay = await start(seed)
    const station = await enrolWorkstation(relay.fetch, 'RADI-OLOG-0001')
    expect(station.enrolment.organisationRecipient).toBe(recipient)
    await relay.close()
    await writeFile(join(folder, 'organisation.key'), identity)
    expect(await codeOfFailure(start(seed))).toBe('organisation-key-on-relay')
  })

  it('applied again changes nothing; what changed in it goes to the workstations', async () => {
    const folder = join(temporary.folder, 'seeded')
    const database = { url: await fresh('seeded') }
    const seed = await writeSeed(temporary.folder)
    const start = () =>
      startRelay(folder, { database, seed, keysFile: join(temporary.folder, 'keys', 'relay-keys.json') })
    const first = await start()
    const station = await enrolWorkstation(first.fetch, 'RADI-OLOG-0001')
    const events = async (relay: typeof first): Promise<string[]> =>
      (await feedEvents(relay.fetch, station)).map((event) => event.type)
    const before = {
      organisation: await station.api.organisation(),
      directory: await station.api.directory({ after: 0, limit: 5000 }),
    }
    const seen = await events(first)
    await first.close()

    const second = await start()
    const again = { ...station, api: relayApi(second.fetch, station.enrolment.token) }
    expect({
      organisation: await again.api.organisation(),
      directory: await again.api.directory({ after: 0, limit: 5000 }),
    }).toEqual(before)
    expect(await events(second)).toEqual(seen)
    await second.close()

    const changed = JSON.parse(await readFile(seed, 'utf8')) as {
      organisations: { departments: { policy: { contact: string } }[]; directory: unknown }[]
    }
    changed.organisations[0]!.departments[0]!.policy.contact = 'Another desk'
    changed.organisations[0]!.directory = { file: 'recipients.csv' }
    await writeFile(
      join(temporary.folder, 'recipients.csv'),
      'id,kind,family name,given name,email\n' +
        'sample-01,user,Zandloper,Mieke,new@example.org\nsample-99,user,Newcomer,Nora,nora@example.org\n',
    )
    await writeFile(seed, JSON.stringify(changed))
    const third = await start()
    const api = relayApi(third.fetch, station.enrolment.token)
    expect((await api.organisation()).policy.contact).toBe('Another desk')
    const delta = await api.directory({ after: before.directory.revision, limit: 5000 })
    expect(delta.entries.map((entry) => [entry.recipientId, entry.email])).toEqual([
      ['sample-01', 'n•••@example.org'],
      ['sample-99', 'n•••@example.org'],
    ])
    expect(delta.removed.filter((recipientId) => recipientId.startsWith('sample-'))).toHaveLength(39)
    expect((await events(third)).slice(seen.length).sort()).toEqual(['directory', 'policy'])
    await third.close()
  })
})
