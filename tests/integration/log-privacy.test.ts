/**
 * Tests W10 on the real programs: names are planted in everything that a share uses, many errors are caused on purpose,
 * and no log or output may contain a name.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import Database from 'better-sqlite3'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { portalContract } from '../../src-core/contract/portal.ts'
import { workstationContract } from '../../src-core/contract/workstation.ts'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import { uuidUid } from '../../src-main/sharing/prepare.ts'
import { eventually } from '../support/eventually.ts'
import {
  openByAddress,
  runProgram,
  sealedDataFolder,
  startProgram,
  temporaryFolder,
  type Program,
} from '../support/programs.ts'
import { sampleTerms } from '../support/sample-share.ts'
import { writeSlice } from '../support/sync-station.ts'
import { codeOfFailure, tokenIn, writeSeed } from './relay-support.ts'

/** Matches every planted name, address, text and path. */
const MARK = /zanzibar|z\.\s?z\.|470123987|470123988/i
const PATIENT = { PatientName: 'Zanzibarone^Zanzibartwo', PatientID: 'ZANZIBAR-3', StudyDescription: 'Zanzibar four' }
const REFUSED = 'zanzibar5@example.org'
const REACHED = 'zanzibar6@example.org'

const folder = temporaryFolder('log-privacy')
const data = path.join(folder, 'workstation')
const passphrase = { OUTPOST_PASSPHRASE: 'zanzibar passphrase' }
const outputs: string[] = []
let relay: Program
let workstation: Program
let mailServer: SMTPServer
let gateway: Server
let startRelay: () => Promise<Program>
let page: ContractRouterClient<typeof workstationContract>
let get: (address: string, init?: RequestInit) => Promise<Response>
const mails = new Map<string, string>()

async function outpost(...args: string[]): Promise<{ exit: number; messages: string }> {
  const ran = await runProgram([...args, '--data', data], passphrase)
  outputs.push(ran.messages)
  return ran
}

beforeAll(async () => {
  mailServer = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    // A mail server's answer quotes the address, and may quote more.
    onRcptTo: ({ address }, _session, done) =>
      done(
        address === REFUSED
          ? Object.assign(new Error(`<${address}> Zanzibarone unknown here`), { responseCode: 550 })
          : undefined,
      ),
    onData: (stream, session, done) =>
      void text(stream).then((source) => {
        mails.set(session.envelope.rcptTo[0]?.address ?? '', source.replaceAll(/=\r\n/g, ''))
        done()
      }),
  })
  await new Promise<void>((done) => mailServer.listen(0, '127.0.0.1', done))
  gateway = createServer((request, response) => void text(request).then((body) => response.writeHead(500).end(body)))
  await new Promise<void>((done) => gateway.listen(0, '127.0.0.1', done))
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const seed = await writeSeed(folder)
  const organisations = JSON.parse(readFileSync(seed, 'utf8')) as {
    organisations: { directory?: { entries: unknown[] } }[]
  }
  // The relay mails to the contacts of its own directory, so the planted people are added to it too.
  organisations.organisations[0]?.directory?.entries.push(
    {
      recipientId: 'z5',
      kind: 'user',
      familyName: 'Zanzibarfive',
      givenName: 'Z',
      email: REFUSED,
      mobile: '+32470123987',
    },
    {
      recipientId: 'z6',
      kind: 'user',
      familyName: 'Zanzibarsix',
      givenName: 'Z',
      email: REACHED,
      mobile: '+32470123988',
    },
  )
  writeFileSync(seed, JSON.stringify(organisations))
  startRelay = () =>
    startProgram([
      'relay',
      '--port',
      String(port),
      '--data',
      path.join(folder, 'relay'),
      '--seed',
      seed,
      '--smtp',
      `smtp://127.0.0.1:${(mailServer.server.address() as AddressInfo).port}`,
      '--mail-from',
      'no-reply@example.org',
      '--sms-gateway',
      `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/send`,
    ])
  relay = await startRelay()
})
afterAll(async () => {
  await workstation?.end()
  await relay?.end()
  await new Promise<void>((done) => mailServer.close(() => done()))
  gateway.close()
  rmSync(folder, { recursive: true, force: true })
})

async function openPage(): Promise<void> {
  const { origin, headers: proof } = await openByAddress(workstation.ready['url'] ?? '')
  const headers = { ...proof, origin }
  page = createORPCClient(new RPCLink({ url: `${origin}/rpc`, headers }))
  get = (address, init) => fetch(`${origin}${address}`, { ...init, headers: { ...headers, ...init?.headers } })
}

it('W10: a whole share with its failures leaves no name, address, text or path in any log or output', async () => {
  // The folder's name contains a planted name; one file is damaged, and one is not an image.
  const [study, changing, later] = [
    uuidUid(crypto.randomUUID()),
    uuidUid(crypto.randomUUID()),
    uuidUid(crypto.randomUUID()),
  ]
  const files = path.join(folder, 'Zanzibarone, Zanzibartwo')
  const slice = (StudyInstanceUID: string) =>
    writeSlice(path.join(files, 'zanzibar scans'), {
      study: StudyInstanceUID,
      series: uuidUid(crypto.randomUUID()),
      number: 1,
      ...PATIENT,
    })
  const damaged = slice(study)
  slice(study)
  const changes = slice(changing)
  slice(later)
  truncateSync(damaged, 3000)
  writeFileSync(path.join(files, 'zanzibar.txt'), 'zanzibar')
  await sealedDataFolder(data, passphrase.OUTPOST_PASSPHRASE)
  writeFileSync(
    path.join(folder, 'people.csv'),
    'id,lastname,firstname,email,mobile,language\n' +
      `z5,Zanzibarfive,Z,${REFUSED},+32470123987,en\nz6,Zanzibarsix,Z,${REACHED},+32470123988,en\n`,
  )
  // A file with the name of the thumbnails folder makes every write there fail, with its path in the error.
  writeFileSync(path.join(data, 'thumbnails'), '')

  expect(await outpost('enroll', relay.ready['url'] ?? '', 'RADI-OLOG-0001')).toMatchObject({ exit: 0, messages: '' })
  await outpost('directory', 'import', path.join(folder, 'people.csv'))
  await outpost('directory', 'import', path.join(folder, 'zanzibar-missing.csv'))
  await outpost('index', files)
  await outpost('index', path.join(folder, 'zanzibar-missing'))
  await outpost('share', study, '--as', 'zanzibar', '--to', 'zanzibar', '--reason', 'zanzibar', '--patient-agreed')

  workstation = await startProgram(['serve', '--no-open', '--data', data], passphrase)
  await openPage()
  expect(await codeOfFailure(page.session.signIn({ name: 'Zanzibarone', password: 'zanzibar' }))).toBe(
    'wrong-credentials',
  )
  await page.session.signIn({ name: 'Tess Technologist (sample)', password: 'sample' })
  expect((await page.library.studies({ text: 'zanzibarone' })).total).toBe(3)
  // These requests are for things that do not exist, in forms that no page would send.
  for (const address of [
    '/dicomweb/studies?PatientName=Zanzibarone',
    '/dicomweb/studies/zanzibar/metadata',
    `/dicomweb/studies/${study}/thumbnail`,
    `/dicomweb/studies/${study}/metadata`,
    '/zanzibar/../..%2fzanzibar',
    '/rpc/zanzibar',
  ]) {
    await (await get(address, { headers: { accept: '*/*' } })).arrayBuffer()
  }
  for (const [address, body] of [
    ['/rpc/library/studies', '{"json":{"text":{"zanzibar":1}}}'],
    ['/rpc/sharing/share', '{"json":{"zanzibar'],
    ['/rpc/zanzibar', 'zanzibar'],
  ] as const) {
    await (await get(address, { method: 'POST', body, headers: { 'content-type': 'application/json' } })).arrayBuffer()
  }
  expect(await codeOfFailure(page.library.addFolder({ handle: '/zanzibar' }))).not.toBe('no failure')

  const share = async (StudyInstanceUID: string, twoFactor: boolean, more: string[] = []) =>
    (
      await page.sharing.share({
        shareId: crypto.randomUUID(),
        selection: { studies: [{ StudyInstanceUID: StudyInstanceUID as Uid, series: null }], leftOut: [] },
        recipients: ['z5', 'z6', ...more].map((recipientId) => ({ recipientId, star: true })),
        terms: { ...sampleTerms, reason: 'zanzibar nine', message: 'Zanzibar ten', twoFactor },
      })
    ).shareId
  const isIn = (shareId: string, state: string) =>
    eventually(
      async () =>
        (await page.outbox.list()).some((row) => row.shareId === shareId && row.state === state) ||
        (await page.shares.list({})).rows.some(
          (row) => row.shareId === shareId && row.deliveredAt !== null && state === 'delivered',
        ),
    )
  expect(await codeOfFailure(share(study, false, ['zanzibar-unknown']))).toBe('recipient-unknown')
  const first = await share(study, true)
  await page.outbox.act({ shareId: first, action: 'send-now' })
  await isIn(first, 'delivered')
  const failing = await share(changing, false)
  appendFileSync(changes, 'zanzibar')
  await page.outbox.act({ shareId: failing, action: 'send-now' })
  await isIn(failing, 'failed')

  // The refused mail comes back as undeliverable; the other recipient's link is tried with wrong codes and codes that
  // are not delivered.
  await eventually(async () =>
    (await page.shares.list({})).rows.some((row) =>
      row.recipients.some((recipient) => recipient.state === 'undeliverable'),
    ),
  )
  const token = tokenIn(await eventually(async () => mails.get(REACHED)))
  const portal = createORPCClient<ContractRouterClient<typeof portalContract>>(
    new RPCLink({ url: `${relay.ready['url']}/portal/rpc` }),
  )
  expect(await codeOfFailure(portal.sendOtp({ token }))).toBe('otp-not-sent')
  expect(await codeOfFailure(portal.open({ token, otp: 'zanzib' }))).not.toBe('no failure')
  expect(await codeOfFailure(portal.linkInfo({ token: 'zanzibar' }))).toBe('link-unknown')
  for (const address of [
    '/s/zanzibar',
    '/portal/grants/zanzibar/dicomweb/studies/zanzibar',
    '/uploads/zanzibar',
    '/zanzibar',
  ])
    await (await fetch(`${relay.ready['url']}${address}`)).arrayBuffer()
  await (
    await fetch(`${relay.ready['url']}/api/confirm`, {
      method: 'POST',
      body: '{"json":{"zanzibar',
      headers: { 'content-type': 'application/json' },
    })
  ).arrayBuffer()

  // The relay is killed while a share waits for it; the share is sent when the relay runs again.
  outputs.push(relay.output())
  await relay.end('SIGKILL')
  const waiting = await share(later, false)
  await page.outbox.act({ shareId: waiting, action: 'send-now' })
  await isIn(waiting, 'waiting')
  outputs.push(relay.output())
  relay = await startRelay()
  // By itself it would be sent within a minute.
  await page.outbox.act({ shareId: waiting, action: 'send-now' })
  await isIn(waiting, 'delivered')

  // This failure has no code: the message of SQLite quotes the name of the missing table.
  const directory = new Database(path.join(data, 'directory.db'))
  directory.pragma('foreign_keys = OFF')
  directory.exec('ALTER TABLE entry RENAME TO kept; CREATE VIEW entry AS SELECT * FROM Zanzibarfive')
  directory.close()
  expect(await codeOfFailure(page.directory.search({ text: 'zanzibarfive' }))).toBe('internal')
  await workstation.end()
  await relay.end()
  outputs.push(workstation.output(), relay.output())

  const logs = [path.join(data, 'logs'), path.join(folder, 'relay')]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && (entry.name.endsWith('.log') || entry.parentPath.endsWith('logs')))
    .map((entry) => path.join(entry.parentPath, entry.name))
  const log = logs.map((file) => readFileSync(file, 'utf8')).join('\n')
  // The logs must contain the codes of what went wrong, so that the search for names is meaningful.
  for (const word of ['started', 'stopped', 'code=file-changed', 'code=offline', 'procedure-failed error='])
    expect(log).toContain(word)
  const telling = [...log.split('\n'), ...outputs.join('\n').split('\n')].filter((line) => MARK.test(line))
  expect(telling).toEqual([])
}, 240_000)
