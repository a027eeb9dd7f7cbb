/** Starts a relay, enrols a workstation at it, and makes packages for it: the shared parts of the relay's tests. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import pg from 'pg'
import { Id } from '../../src-core/contract/identifiers.ts'
import type { Protocol } from '../../src-core/contract/protocol.ts'
import { portalContract } from '../../src-core/contract/portal.ts'
import type { ConfirmRequest, Enrolment, FeedEvent, relayContract, SealedPart } from '../../src-core/contract/relay.ts'
import type { Manifest, PackageEntry } from '../../src-core/package/manifest.ts'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { sealBytes } from '../../src-engine/package/seal.ts'
import { newSigningKey, signManifest } from '../../src-engine/package/signature.ts'
import { sealIdentity } from '../../src-engine/package/slots.ts'
import { createZipWriter } from '../../src-engine/package/zip.ts'
import { LOG_LOCK } from '../../src-relay/audit/sequence-pending.ts'
import { FEED_LOCK } from '../../src-relay/feed/feed-events.ts'
import { createRelay, type Relay } from '../../src-relay/app/relay.ts'
import type { RelayConfig } from '../../src-relay/ports/relay-context.ts'
import { eventually } from '../support/eventually.ts'

export const PUBLIC_URL = 'http://relay.test'
export const MESSAGES = resolve(import.meta.dirname, '../../resources/messages')
const SAMPLE_SEED = resolve(import.meta.dirname, '../../resources/samples/organisation.json')

export type RelayClient = ContractRouterClient<typeof relayContract>
export type PortalClient = ContractRouterClient<typeof portalContract>

/** Makes a folder that the database's account can reach too. */
export async function temporaryFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'outpost-relay-'))
  await chmod(folder, 0o711)
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

export interface TestRelay {
  readonly relay: Relay
  readonly config: RelayConfig
  fetch: typeof globalThis.fetch
  close(): Promise<void>
}

/** The number of recipients. Each test takes new ones, so that it finds only its own messages. */
const TEST_RECIPIENTS = 300

function testEntry(index: number, language: string) {
  return {
    recipientId: `test-${index}`,
    kind: 'user',
    familyName: 'Zandloper, Mieke (sample)',
    email: `test-${index}@example.org`,
    mobile: `+3249998${String(index).padStart(4, '0')}`,
    language,
  }
}

/**
 * Writes the sample organisation with the tests' recipients and enrolment codes, a second department and a second
 * organisation.
 * @param recipient of both organisations; by default a new one; null: none, as a demonstration may have it
 * @param language of the tests' recipients
 */
export async function writeSeed(
  folder: string,
  { recipient, language = 'nl' }: { recipient?: string | null; language?: string } = {},
): Promise<string> {
  const seed = JSON.parse(await readFile(SAMPLE_SEED, 'utf8')) as {
    organisations: {
      organisationId: string
      name: string
      recipient?: string
      directory?: { entries: unknown[] }
      departments: Record<string, unknown>[]
    }[]
  }
  const [first] = seed.organisations
  const [department] = first!.departments
  first!.directory!.entries.push(
    ...Array.from({ length: TEST_RECIPIENTS }, (_, index) => testEntry(index + 1, language)),
    { ...testEntry(0, language), email: '' },
  )
  department!['enrolmentCodes'] = ['RADI-OLOG-0001', 'RADI-OLOG-0002']
  first!.departments.push({
    ...department,
    departmentId: randomUUID(),
    name: 'Cardiology',
    staff: [],
    enrolmentCodes: ['CARD-IOLO-0001'],
  })
  seed.organisations.push({
    organisationId: randomUUID(),
    name: 'Example Clinic (demonstration)',
    departments: [{ ...department, departmentId: randomUUID(), staff: [], enrolmentCodes: ['EXAM-PLEC-0001'] }],
  })
  const named = recipient === undefined ? (await newIdentity()).recipient : recipient
  if (named !== null) for (const organisation of seed.organisations) organisation.recipient = named
  const file = join(folder, 'seed.json')
  await writeFile(file, JSON.stringify(seed))
  return file
}

export async function startRelay(folder: string, more: Partial<RelayConfig> = {}): Promise<TestRelay> {
  const config: RelayConfig = {
    database: { embedded: join(folder, 'relay') },
    objects: { folder: join(folder, 'objects') },
    publicUrl: PUBLIC_URL,
    messagesFolder: MESSAGES,
    demonstration: true,
    ...more,
  }
  const created = await createRelay(config)
  // The tests' requests come from this machine.
  const relay: Relay = { ...created, fetch: (request, peer = { address: '127.0.0.1' }) => created.fetch(request, peer) }
  return {
    relay,
    config,
    close: () => relay.close(),
    fetch: (input, init) =>
      relay.fetch(new Request(input, { ...init, ...(init?.body && { duplex: 'half' }) } as RequestInit)),
  }
}

export function relayApi(fetch: typeof globalThis.fetch, token: string | null): RelayClient {
  return createORPCClient<RelayClient>(
    new RPCLink({
      url: `${PUBLIC_URL}/api`,
      fetch: (request) => fetch(request),
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    }),
  )
}

type Opened = Parameters<PortalClient['exam']>[0]

/** A browser, which keeps the cookie that it receives, and the grant that was opened last. */
export interface TestBrowser {
  /** exam and close concern the grant that was opened last, unless another one is given. */
  portal: Omit<PortalClient, 'exam' | 'close'> & {
    exam(grant?: Opened): ReturnType<PortalClient['exam']>
    close(grant?: Opened): ReturnType<PortalClient['close']>
  }
  /** Of the grant that was opened last: /download, or a path below /dicomweb. */
  get(path: string, headers?: Record<string, string>): Promise<Response>
  cookie(): string
  /** The grant that was opened last. */
  opened(): Opened
}

export function browser(fetch: typeof globalThis.fetch): TestBrowser {
  let cookie = ''
  let opened: Opened = { grantId: Id.parse(randomUUID()) }
  const portal = createORPCClient<PortalClient>(
    new RPCLink({
      url: `${PUBLIC_URL}/portal/rpc`,
      async fetch(request) {
        const response = await fetch(
          new Request(request, { headers: { ...Object.fromEntries(request.headers), cookie } }),
        )
        const set = response.headers.get('set-cookie')
        if (set !== null) cookie = set.split(';')[0] ?? ''
        return response
      },
    }),
  )
  return {
    portal: {
      linkInfo: portal.linkInfo,
      sendOtp: portal.sendOtp,
      open: async (...input) => (opened = await portal.open(...input)),
      exam: (grant = opened) => portal.exam(grant),
      close: (grant = opened) => portal.close(grant),
    },
    get: (path, headers = {}) =>
      fetch(`${PUBLIC_URL}/portal/grants/${opened.grantId}${path}`, { headers: { ...headers, cookie } }),
    cookie: () => cookie,
    opened: () => opened,
  }
}

export interface TestWorkstation {
  readonly enrolment: Enrolment
  readonly api: RelayClient
  readonly seed: Uint8Array
  readonly identity: string
  readonly recipient: string
  readonly headers: Record<string, string>
}

/** @param protocol what the workstation states; absent: nothing, as one of version 1 */
export async function enrolWorkstation(
  fetch: typeof globalThis.fetch,
  code: string,
  protocol?: Protocol,
): Promise<TestWorkstation> {
  const signing = newSigningKey()
  const { identity, recipient } = await newIdentity()
  const enrolment = await relayApi(fetch, null).enroll({
    code,
    workstationName: 'Test station',
    signingKey: Buffer.from(signing.publicKey).toString('base64url'),
    recipient,
    ...(protocol && { protocol }),
  })
  return {
    enrolment,
    api: relayApi(fetch, enrolment.token),
    seed: signing.seed,
    identity,
    recipient,
    headers: { authorization: `Bearer ${enrolment.token}`, 'tus-resumable': '1.0.0' },
  }
}

export interface TestPackage {
  readonly packageId: string
  readonly files: { readonly part: SealedPart; readonly sealed: Uint8Array }[]
  readonly confirm: Pick<
    ConfirmRequest,
    'packageId' | 'parts' | 'manifestSha256' | 'signature' | 'ownerSlot' | 'accountSlot'
  >
}

export interface TestFile {
  readonly path: string
  readonly bytes: Uint8Array
  readonly entry?: Partial<PackageEntry>
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Returns a sealed and signed package of any files, as a workstation makes it. */
export async function makePackage(
  { enrolment, seed, recipient }: TestWorkstation,
  files: readonly TestFile[] = [{ path: 'README.TXT', bytes: randomBytes(200_000) }],
  studies: Manifest['studies'] = [],
): Promise<TestPackage> {
  const { identity, recipient: packageRecipient } = await newIdentity()
  const pieces: Uint8Array[] = []
  const zip = createZipWriter((bytes) => void pieces.push(Uint8Array.from(bytes)))
  const entries: PackageEntry[] = []
  for (const { path, bytes, entry } of files) {
    const crc = crc32(bytes)
    const { offset } = await zip.add({ path, size: bytes.length, crc32: crc }, [bytes])
    entries.push({ path, kind: 'file', offset, size: bytes.length, crc32: crc, sha256: sha256(bytes), ...entry })
  }
  await zip.end()
  const plain = Buffer.concat(pieces)
  const images = await sealBytes(plain, [packageRecipient])
  const packageId = randomUUID()
  const manifest: Manifest = {
    version: 1,
    packageId,
    createdAt: new Date().toISOString(),
    organisationId: enrolment.organisation.organisationId,
    departmentId: enrolment.department.departmentId,
    workstationId: enrolment.workstation.workstationId,
    anonymized: false,
    parts: [
      {
        name: 'images',
        plainSize: plain.length,
        plainSha256: sha256(plain),
        sealedSize: images.sealed.length,
        sealedSha256: sha256(images.sealed),
        entries,
      },
    ],
    studies,
  }
  const manifestBytes = Buffer.from(JSON.stringify(manifest))
  const sealedManifest = await sealBytes(manifestBytes, [packageRecipient])
  const manifestSha256 = sha256(manifestBytes)
  const sealed = [
    { name: 'images', bytes: images.sealed },
    { name: 'manifest', bytes: sealedManifest.sealed },
  ]
  const parts = sealed.map(({ name, bytes }) => ({
    part: { name, size: bytes.length, sha256: sha256(bytes) },
    sealed: bytes,
  }))
  const slot = async (recipients: string[]): Promise<string> =>
    Buffer.from(await sealIdentity(identity, recipients)).toString('base64url')
  return {
    packageId,
    files: parts,
    confirm: {
      packageId,
      parts: parts.map(({ part }) => part),
      manifestSha256,
      signature: Buffer.from(signManifest(manifestSha256, seed)).toString('base64url'),
      ownerSlot: await slot([recipient, enrolment.organisationRecipient]),
      accountSlot: await slot([enrolment.relayRecipient]),
    },
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Creates or finds an upload. @param tree absent: as a workstation of an earlier version */
export function createUpload(
  fetch: typeof globalThis.fetch,
  workstation: TestWorkstation,
  packageId: string,
  part: SealedPart,
  tree?: string,
): Promise<Response> {
  const metadata = { packageId, part: part.name, sha256: part.sha256, ...(tree === undefined ? {} : { tree }) }
  return fetch(`${PUBLIC_URL}/uploads`, {
    method: 'POST',
    headers: {
      ...workstation.headers,
      'upload-length': String(part.size),
      'upload-metadata': Object.entries(metadata)
        .map(([key, value]) => `${key} ${base64(value)}`)
        .join(','),
    },
  })
}

export function patchUpload(
  fetch: typeof globalThis.fetch,
  workstation: TestWorkstation,
  location: string,
  offset: number,
  bytes: Uint8Array,
  checksum?: string,
): Promise<Response> {
  return fetch(location, {
    method: 'PATCH',
    body: Uint8Array.from(bytes),
    headers: {
      ...workstation.headers,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      'upload-checksum': checksum ?? `sha256 ${createHash('sha256').update(bytes).digest('base64')}`,
    },
  })
}

export async function uploadPackage(
  fetch: typeof globalThis.fetch,
  workstation: TestWorkstation,
  testPackage: TestPackage,
): Promise<void> {
  for (const { part, sealed } of testPackage.files) {
    const created = await createUpload(fetch, workstation, testPackage.packageId, part)
    const location = created.headers.get('location') ?? ''
    for (let offset = Number(created.headers.get('upload-offset')); offset < sealed.length; ) {
      const answer = await patchUpload(
        fetch,
        workstation,
        location,
        offset,
        sealed.subarray(offset, offset + 8 * 1024 * 1024),
      )
      if (answer.status !== 204) throw new Error(`PATCH answered ${answer.status}`)
      offset = Number(answer.headers.get('upload-offset'))
    }
  }
}

/** A recipient with the contacts that the directory has. */
export const RECIPIENT = {
  recipientId: 'sample-01',
  email: 'recipient-01@example.org',
  mobile: '+32499990001',
  twoFactor: false,
  right: 'images-read-report',
} as const

export function confirmRequest(testPackage: TestPackage, more: Partial<ConfirmRequest> = {}): ConfirmRequest {
  return {
    shareId: randomUUID(),
    ...testPackage.confirm,
    grants: [RECIPIENT],
    validity: { kind: 'period', unit: 'month', count: 1 },
    sender: { staffId: 'sample-technologist' },
    urgent: false,
    anonymized: false,
    furtherSharing: false,
    sendMail: true,
    mailLanguage: 'en',
    message: 'Please compare with last year.',
    exams: [{ initials: 'D. J.', description: 'CT thorax', date: '20261120', instances: 1 }],
    ...more,
  }
}

/** Queries or changes the database of a relay that `startRelay` started in a folder. */
export async function queryDatabase(
  folder: string,
  query: string,
  values: readonly unknown[] = [],
): Promise<unknown[]> {
  const file = await readFile(join(folder, 'relay', 'database.json'), 'utf8')
  const { port, password } = JSON.parse(file) as { port: number; password: string }
  const client = new pg.Client({ host: '127.0.0.1', port, password, user: 'outpost', database: 'outpost' })
  await client.connect()
  try {
    return (await client.query(query, [...values])).rows
  } finally {
    await client.end()
  }
}

/** Returns the code of an expected failure. */
export async function codeOfFailure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no failure',
    (error: { code?: string }) => error.code ?? String(error),
  )
}

export interface ShownMessage {
  channel: 'mail' | 'text'
  recipient: string
  subject: string
  body: string
}

/** Returns the messages that the demonstration's outbox shows for one address or number so far. */
export async function messagesSoFar(fetch: typeof globalThis.fetch, recipient: string): Promise<ShownMessage[]> {
  const response = await fetch('http://localhost/outbox', { headers: { accept: 'application/json' } })
  return ((await response.json()) as ShownMessage[]).filter((message) => message.recipient === recipient)
}

/** Returns the messages that the outbox shows for one address or number, once there are at least this many. */
export function shownMessages(
  fetch: typeof globalThis.fetch,
  recipient: string,
  count: number,
): Promise<ShownMessage[]> {
  return eventually(async () => {
    const messages = await messagesSoFar(fetch, recipient)
    return messages.length >= count && messages
  })
}

/**
 * Waits until a relay has no mail or text message left to send. A message that has not come by then will not come.
 * @param folder as for queryDatabase
 */
export async function everyNoticeSent(folder: string): Promise<void> {
  const due = "SELECT 1 FROM jobs.job WHERE name = 'notices' AND state IN ('created', 'retry', 'active')"
  await eventually(async () => (await queryDatabase(folder, due)).length === 0)
}

/**
 * Waits until every entry that an act left pending is in the audit log of a running relay.
 * @param folder as of queryDatabase
 */
export async function everyEntrySequenced(folder: string): Promise<void> {
  const pending = 'SELECT 1 FROM audit_pending LIMIT 1'
  await eventually(async () => (await queryDatabase(folder, pending)).length === 0)
}

/**
 * Whether an act finishes by itself; false as soon as somebody waits for the lock of the audit log or of a feed.
 * @param pool of the database in which nothing but the act may wait for one of these
 */
export async function finishesUnblocked(pool: pg.Pool, act: Promise<unknown>): Promise<boolean> {
  let finished = false
  act.then(
    () => (finished = true),
    () => (finished = true),
  )
  // Of a key of two numbers, classid is the first one; a key of one small number is objid.
  const waiting = `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
      AND (classid = ${FEED_LOCK} OR (classid = 0 AND objid = ${LOG_LOCK}))`
  await eventually(async () => finished || (await pool.query(waiting)).rows.length > 0)
  return finished
}

let addresses = 0
export type TestRecipient = ConfirmRequest['grants'][number] & { readonly email: string; readonly mobile: string }

/** Returns a recipient that no other test uses, so that the test finds only its own messages. */
export function someRecipient(more: Partial<TestRecipient> = {}): TestRecipient {
  addresses += 1
  return {
    ...RECIPIENT,
    recipientId: `test-${addresses}`,
    email: `test-${addresses}@example.org`,
    mobile: `+3249998${String(addresses).padStart(4, '0')}`,
    ...more,
  }
}

export const tokenIn = (text: string): string => /\/s\/([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? ''

/** Returns the events of a workstation's feed so far. */
export async function feedEvents(
  fetch: typeof globalThis.fetch,
  workstation: TestWorkstation,
  after = 0,
): Promise<FeedEvent[]> {
  const response = await fetch(`${PUBLIC_URL}/feed?after=${after}`, {
    headers: { authorization: workstation.headers['authorization'] ?? '' },
  })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (let done = false; !done && !text.includes(': caught up\n'); ) {
    const next = await reader.read()
    done = next.done
    text += next.value ?? ''
  }
  await reader.cancel()
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as FeedEvent)
}
