/** Tests the relay's limits for any caller: the outbox, enrolment codes, room for uploads. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolmentTries, WRONG_IN_ALL, WRONG_PER_ADDRESS } from '../../src-relay/directory/enrolment-tries.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { DEMONSTRATION_CODE_FILE } from '../../src-relay/app/relay.ts'
import { smtp } from '../../src-relay/notices/channels/smtp.ts'
import {
  codeOfFailure,
  createUpload,
  enrolWorkstation,
  patchUpload,
  PUBLIC_URL,
  startRelay,
  temporaryFolder,
  writeSeed,
  type TestRelay,
  type TestWorkstation,
} from './relay-support.ts'

const HOUR = 3_600_000
const GIB = 1024 ** 3

let temporary: Awaited<ReturnType<typeof temporaryFolder>>
let testRelay: TestRelay
let station: TestWorkstation
let skewMs = 0
let free = 1000 * GIB
const settings = async () => ({
  seed: await writeSeed(temporary.folder),
  now: () => new Date(Date.now() + skewMs),
  objects: { folder: join(temporary.folder, 'objects'), freeBytes: () => Promise.resolve(free) },
  uploadQuota: { count: 3, bytes: 100_000 },
})
const demonstrationCode = async (): Promise<string> =>
  (await readFile(join(temporary.folder, 'relay', DEMONSTRATION_CODE_FILE), 'utf8')).trim()

beforeAll(async () => {
  temporary = await temporaryFolder()
  testRelay = await startRelay(temporary.folder, await settings())
  station = await enrolWorkstation(testRelay.fetch, 'RADI-OLOG-0001')
})
afterAll(async () => {
  await testRelay.close()
  await temporary.remove()
})

describe('the outbox of a demonstration', () => {
  const statusOf = async (path: string, address: string, headers: Record<string, string> = {}): Promise<number> =>
    (await testRelay.relay.fetch(new Request(`http://127.0.0.1${path}`, { headers }), { address })).status

  it('U7: no spelling of its address opens it to another machine', async () => {
    const spellings = ['/outbox', '/%6futbox', '/%6F%75%74%62%6F%78', '/outbo%78', '/outbox?x=1']
    for (const path of spellings) {
      expect([path, await statusOf(path, '127.0.0.1')]).toEqual([path, 200])
      for (const address of ['127.0.0.2.example', '10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1', ''])
        expect([path, address, await statusOf(path, address)]).toEqual([path, address, 404])
    }
    expect(await statusOf('/outbox', '::ffff:127.0.0.1')).toBe(200)
  })
  it('U7: whatever came through a proxy, or by a name of elsewhere, does not open it', async () => {
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip', 'x-forwarded-host'])
      expect([header, await statusOf('/outbox', '127.0.0.1', { [header]: '127.0.0.1' })]).toEqual([header, 404])
    const rebound = await testRelay.relay.fetch(new Request('http://rebound.example/outbox'), { address: '127.0.0.1' })
    expect(rebound.status).toBe(404)
  })
})

describe('codes to enrol by', () => {
  const enrolWith = (code: string): Promise<string> =>
    codeOfFailure(enrolWorkstation(testRelay.fetch, code)).then((failure) => failure)

  it('W18: a code that nobody used ends after a day', async () => {
    skewMs = 25 * HOUR
    expect(await enrolWith('RADI-OLOG-0002')).toBe('wrong-enrolment-code')
    skewMs = 23 * HOUR
    expect(await enrolWith('RADI-OLOG-0002')).toBe('no failure')
    skewMs = 0
  })
  it('W18: a demonstration that starts again leaves one valid code, the newest', async () => {
    const before = await demonstrationCode()
    await testRelay.close()
    testRelay = await startRelay(temporary.folder, await settings())
    expect(await enrolWith(before)).toBe('wrong-enrolment-code')
    expect(await enrolWith(await demonstrationCode())).toBe('no failure')
  })
  it('W18: a code for one workstation replaces the earlier one for the same, and no other', async () => {
    const { departmentId } = station.enrolment.department
    const issue = (slot: string) => testRelay.relay.administration.issueEnrolmentCode(departmentId, slot)
    const [first, other, second] = [await issue('CT 1'), await issue('CT 2'), await issue('CT 1')]
    expect([await enrolWith(first), await enrolWith(other), await enrolWith(second)]).toEqual([
      'wrong-enrolment-code',
      'no failure',
      'no failure',
    ])
  })
  it('W18: guessing ends after a few wrong codes, of one address and of all together, and goes on later', async () => {
    let now = 0
    const tries = enrolmentTries(() => new Date(now))
    const guess = (address: string): Promise<string> =>
      codeOfFailure(tries.run({ address }, () => Promise.reject(new OutpostError('wrong-enrolment-code'))))
    const right = (address: string): Promise<string> => codeOfFailure(tries.run({ address }, () => Promise.resolve()))
    // The guesses are sent at once, so that none is answered before the last one is sent.
    const wrong = await Promise.all(Array.from({ length: WRONG_PER_ADDRESS + 5 }, () => guess('10.0.0.1')))
    expect(wrong.filter((code) => code === 'too-many-requests').length).toBe(5)
    expect([await right('10.0.0.1'), await right('10.0.0.2')]).toEqual(['too-many-requests', 'no failure'])
    for (let made = WRONG_PER_ADDRESS; made < WRONG_IN_ALL; made += 1) await guess(`10.1.${made % 100}.${made}`)
    expect(await right('10.0.0.2')).toBe('too-many-requests')
    now = 10 * 60_000
    expect([await right('10.0.0.1'), await right('10.0.0.2')]).toEqual(['no failure', 'no failure'])
  })
  it('W18: over the wire, too many wrong codes of an address answer 429', async () => {
    const body = JSON.stringify({
      json: { code: 'NOPE-NOPE-0001', workstationName: 'X', signingKey: 'A'.repeat(43), recipient: 'age1x' },
    })
    const statuses: number[] = []
    for (let made = 0; made <= WRONG_PER_ADDRESS; made += 1)
      statuses.push(
        (
          await testRelay.relay.fetch(
            new Request(`${PUBLIC_URL}/api/enroll`, {
              method: 'POST',
              body,
              headers: { 'content-type': 'application/json' },
            }),
            { address: '10.9.9.9' },
          )
        ).status,
      )
    expect([statuses.slice(0, -1).every((status) => status === 403), statuses.at(-1)]).toEqual([true, 429])
  })
})

describe('room for uploads', () => {
  const part = (size: number) => ({ name: 'images', size, sha256: createHash('sha256').digest('hex') })
  const announce = (size: number) => createUpload(testRelay.fetch, station, randomUUID(), part(size))
  const remove = (response: Response) =>
    testRelay.fetch(response.headers.get('location') ?? '', { method: 'DELETE', headers: station.headers })
  const statusAndCode = async (response: Response) => [
    response.status,
    ((await response.json()) as { code: string }).code,
  ]

  it('X12: unfinished uploads of a workstation are limited in number and bytes; ending one makes room', async () => {
    expect(await statusAndCode(await announce(100_001))).toEqual([507, 'relay-full'])
    const made = [await announce(10_000), await announce(10_000), await announce(10_000)]
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(await statusAndCode(await announce(1))).toEqual([507, 'relay-full'])
    await remove(made[0]!)
    expect(await statusAndCode(await announce(90_000))).toEqual([507, 'relay-full'])
    const last = await announce(80_000)
    expect(last.status).toBe(201)
    for (const upload of [...made.slice(1), last]) await remove(upload)
  })
  it('X12: an upload without room on the disk is refused when announced and when sent; the rest stays', async () => {
    free = GIB + 5_000
    expect(await statusAndCode(await announce(5_001))).toEqual([507, 'relay-full'])
    const upload = await announce(5_000)
    const location = upload.headers.get('location') ?? ''
    expect((await patchUpload(testRelay.fetch, station, location, 0, randomBytes(2_000))).status).toBe(204)
    free = GIB + 2_999
    expect(
      await statusAndCode(await patchUpload(testRelay.fetch, station, location, 2_000, randomBytes(3_000))),
    ).toEqual([507, 'relay-full'])
    const head = await testRelay.fetch(location, { method: 'HEAD', headers: station.headers })
    expect(head.headers.get('upload-offset')).toBe('2000')
    free = 1000 * GIB
    expect((await patchUpload(testRelay.fetch, station, location, 2_000, randomBytes(3_000))).status).toBe(204)
    await remove(upload)
  })
})

describe('nobody listens', () => {
  it('W10: a relay with an https address tells browsers to come by https alone', async () => {
    const header = async (publicUrl: string): Promise<string | null> => {
      const folder = await temporaryFolder()
      const relay = await startRelay(folder.folder, { publicUrl })
      const response = await relay.fetch(`${publicUrl}/health`)
      await relay.close()
      await folder.remove()
      return response.headers.get('strict-transport-security')
    }
    expect(await header('https://relay.example.org')).toBe('max-age=31536000')
    expect((await testRelay.fetch(`${PUBLIC_URL}/health`)).headers.get('strict-transport-security')).toBeNull()
  })

  it('W10: a mail server of another machine that offers no TLS gets neither password nor mail', async () => {
    const connections: string[] = []
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      logger: false,
      onAuth: (auth, _session, done) => {
        connections.push(auth.username ?? '')
        done(null, { user: 'user' })
      },
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.server.address() as AddressInfo
    // This is 127.0.0.1 as one number: it leads to this machine but is not one of its names.
    const settings = { host: '2130706433', port, user: 'user', password: 'secret', from: 'a@example.org' }
    const channel = smtp.open({ ...testRelay.config, smtp: settings })!
    const message = {
      messageId: '<1@example.org>',
      to: { name: '', address: 'b@example.org' },
      subject: 'S',
      text: 'T',
    }
    expect(await channel.send(message)).toEqual({ kind: 'later' })
    channel.close()
    await new Promise<void>((done) => server.close(() => done()))
    expect(connections).toEqual([])
  })
})
