import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendEvent } from '../../src-relay/feed/feed-events.ts'
import { openDatabase } from '../../src-relay/storage/database.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src-relay/storage/embedded-postgres.ts'
import {
  browser,
  codeOfFailure,
  confirmRequest,
  createUpload,
  enrolWorkstation,
  finishesUnblocked,
  makePackage,
  patchUpload,
  PUBLIC_URL,
  relayApi,
  someRecipient,
  startRelay,
  temporaryFolder,
  uploadPackage,
  writeSeed,
  type TestRelay,
  type TestWorkstation,
} from './relay-support.ts'

let temporary: { folder: string; remove(): Promise<void> }
let postgres: EmbeddedPostgres
let firstRelay: TestRelay
let secondRelay: TestRelay
let station: TestWorkstation

beforeAll(async () => {
  temporary = await temporaryFolder()
  postgres = await startEmbeddedPostgres(join(temporary.folder, 'database'))
  const seed = await writeSeed(temporary.folder)
  const config = {
    database: { url: postgres.url },
    objects: { folder: join(temporary.folder, 'objects') },
    keysFile: join(temporary.folder, 'keys', 'relay-keys.json'),
    seed,
  }
  // Both start at once: each migrates, makes keys and seeds the database, without disturbing the other.
  ;[firstRelay, secondRelay] = await Promise.all([
    startRelay(temporary.folder, config),
    startRelay(temporary.folder, config),
  ])
  station = await enrolWorkstation(firstRelay.fetch, 'RADI-OLOG-0001')
})

afterAll(async () => {
  await firstRelay.close()
  await secondRelay.close()
  await postgres.close()
  await temporary.remove()
})

describe('several processes on one database', () => {
  it('X12: what one received, another resumes and confirms; the answer is the same from each', async () => {
    const testPackage = await makePackage(station)
    const { part, sealed } = testPackage.files[0]!
    const location =
      (await createUpload(firstRelay.fetch, station, testPackage.packageId, part)).headers.get('location') ?? ''
    await patchUpload(firstRelay.fetch, station, location, 0, sealed.subarray(0, 70_000))
    expect(
      (await secondRelay.fetch(location, { method: 'HEAD', headers: station.headers })).headers.get('upload-offset'),
    ).toBe('70000')
    await uploadPackage(secondRelay.fetch, station, testPackage)
    const request = confirmRequest(testPackage, { grants: [someRecipient()] })
    const api = [firstRelay, secondRelay].map((relay) => relayApi(relay.fetch, station.enrolment.token))
    const answers = await Promise.all([...api, ...api].map((client) => client.confirm(request)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  it('X12: two processes that write to one upload at once take turns', async () => {
    const testPackage = await makePackage(station)
    const { part, sealed } = testPackage.files[0]!
    const location =
      (await createUpload(firstRelay.fetch, station, testPackage.packageId, part)).headers.get('location') ?? ''
    const answers = await Promise.all(
      [firstRelay, secondRelay, firstRelay, secondRelay].map((relay) =>
        patchUpload(relay.fetch, station, location, 0, sealed),
      ),
    )
    expect(answers.filter((answer) => answer.status === 204)).toHaveLength(1)
  })

  it('X12: a transaction of another department that is under way holds up no confirm and no withdrawal', async () => {
    const made = await makePackage(station)
    await uploadPackage(firstRelay.fetch, station, made)
    const request = confirmRequest(made, { grants: [someRecipient()] })
    const { db, pool, close } = await openDatabase(postgres.url)
    const [begun, committed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const cardiology = await db
      .selectFrom('department')
      .select('department_id')
      .where('name', '=', 'Cardiology')
      .executeTakeFirstOrThrow()
    const underWay = db.transaction().execute(async (transaction) => {
      await appendEvent(transaction, { type: 'policy', departmentId: cardiology.department_id, at: new Date() })
      begun.resolve()
      await committed.promise
    })
    await begun.promise
    const acts = station.api
      .confirm(request)
      .then(() => station.api.withdraw({ shareId: request.shareId, by: 'sample-technologist' }))
    const unblocked = await finishesUnblocked(pool, acts)
    committed.resolve()
    await Promise.all([acts, underWay])
    await close()
    expect(unblocked).toBe(true)
  })

  it('S9: what happens at one is told by the feed of another at once', async () => {
    const testPackage = await makePackage(station)
    await uploadPackage(firstRelay.fetch, station, testPackage)
    const request = confirmRequest(testPackage, { grants: [someRecipient()], sendMail: false })
    await station.api.confirm(request)
    const response = await secondRelay.fetch(`${PUBLIC_URL}/feed`, {
      headers: { authorization: station.headers['authorization'] ?? '' },
    })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    await reader.read()
    await station.api.withdraw({ shareId: request.shareId, by: 'sample-technologist' })
    let received = ''
    while (!received.includes(request.shareId)) received += (await reader.read()).value ?? ''
    expect(received).toContain('"type":"withdrawn"')
    await reader.cancel()
  })

  it('W17: a download from one stops when the share is withdrawn at another', async () => {
    const testPackage = await makePackage(station, [{ path: 'README.TXT', bytes: randomBytes(3_000_000) }])
    await uploadPackage(firstRelay.fetch, station, testPackage)
    const request = confirmRequest(testPackage, { grants: [someRecipient()], sendMail: false })
    const receipt = await station.api.confirm(request)
    // A scaled relay shows no mails, so the session is inserted as opening the link would do.
    const session = 's'.repeat(43)
    const { grantId } = receipt.grants[0]!
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    await client.query('INSERT INTO portal_session VALUES ($1, $2, now(), now())', [
      createHash('sha256').update(session).digest(),
      grantId,
    ])
    await client.end()
    const reader = (
      await firstRelay.fetch(`${PUBLIC_URL}/portal/grants/${grantId}/download`, {
        headers: { cookie: `outpost-grant=${session}` },
      })
    ).body!.getReader()
    await reader.read()
    await relayApi(secondRelay.fetch, station.enrolment.token).withdraw({
      shareId: request.shareId,
      by: 'sample-technologist',
    })
    await expect(reader.closed).rejects.toThrow()
  })

  it('a scaled relay has no outbox page, and an unknown link is the same plain 404 everywhere', async () => {
    expect((await firstRelay.fetch('http://localhost/outbox')).status).toBe(404)
    expect(await codeOfFailure(browser(secondRelay.fetch).portal.linkInfo({ token: 'x'.repeat(43) }))).toBe(
      'link-unknown',
    )
  })
})
