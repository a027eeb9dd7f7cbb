/**
 * Tests each side with the other side of protocol version 1. recorded/protocol-1 contains the requests and answers of a
 * workstation and a relay of that version, and the confirm requests that the relay accepted.
 */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { OrganisationState } from '../../src-core/contract/relay.ts'
import { withoutPrivateContacts } from '../../src-core/directory/contacts.ts'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { enroll, type EnrolRequest } from '../../src-main/sync/relay-client.ts'
import { eventually } from '../support/eventually.ts'
import { cuttableNetwork, openStation, RELAY_URL } from '../support/sync-station.ts'
import { queryDatabase, startRelay, temporaryFolder, type TestRelay } from './relay-support.ts'

const RECORDED = resolve(import.meta.dirname, 'recorded/protocol-1')

interface Exchange {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly text?: string
  readonly base64?: string
  readonly answer: { readonly status: number; readonly headers: Record<string, string>; readonly text: string }
}
const json = async (name: string) => JSON.parse(await readFile(join(RECORDED, name), 'utf8')) as never
const recorded = (await json('exchanges.json')) as { requestSha256: string; exchanges: Exchange[] }
const recordedAnswer = (path: string): { json: Record<string, unknown> } =>
  JSON.parse(recorded.exchanges.find((each) => each.path === path)?.answer.text ?? '') as never

let temporary: { folder: string; remove(): Promise<void> }
beforeAll(async () => {
  temporary = await temporaryFolder()
})
afterAll(() => temporary.remove())

/** Whether an answer has every field of the recorded one, with the same types. */
function hasShapeOf(before: unknown, now: unknown): boolean {
  if (Array.isArray(before)) return Array.isArray(now) && now.every((each) => hasShapeOf(before[0] ?? each, each))
  if (before === null || typeof before !== 'object') return typeof now === typeof before || now === null
  return (
    typeof now === 'object' &&
    now !== null &&
    Object.entries(before).every(([key, each]) => hasShapeOf(each, now[key as keyof typeof now]))
  )
}

describe('a workstation of protocol version 1 at this relay', () => {
  let started: TestRelay
  let token = ''
  const locations = new Map<string, string>()

  beforeAll(async () => {
    const keysFile = join(temporary.folder, 'relay-keys.json')
    await writeFile(keysFile, JSON.stringify(await json('relay-keys.json')), { mode: 0o600 })
    started = await startRelay(temporary.folder, { publicUrl: RELAY_URL, keysFile, seed: join(RECORDED, 'seed.json') })
  })
  afterAll(() => started.close())

  async function replay(exchange: Exchange, body = exchange.text): Promise<Response> {
    const { method, path, headers, base64 } = exchange
    const sent = base64 === undefined ? body : Uint8Array.from(Buffer.from(base64, 'base64'))
    const answer = await started.fetch(locations.get(path) ?? `${RELAY_URL}${path}`, {
      method,
      headers: { ...headers, ...(headers['authorization'] && { authorization: `Bearer ${token}` }) },
      ...(sent !== undefined && { body: sent }),
    })
    const was = exchange.answer.headers['location']
    if (was !== undefined) locations.set(new URL(was).pathname, answer.headers.get('location') ?? '')
    return answer
  }

  it('S3: everything that it sends is taken as before, and answered in the form that it knows', async () => {
    for (const exchange of recorded.exchanges) {
      const answer = await replay(exchange)
      expect(answer.status, exchange.path).toBe(exchange.answer.status)
      if (exchange.path.startsWith('/feed')) await answer.body?.cancel()
      if (!exchange.path.startsWith('/api/')) continue
      const enrolAnswer = JSON.parse(await answer.text()) as { json: { token?: string } }
      expect(hasShapeOf(JSON.parse(exchange.answer.text), enrolAnswer), exchange.path).toBe(true)
      token = enrolAnswer.json.token ?? token
    }
  })

  it('S3: a confirm that an older relay has answered is repeated by this one, whatever its bytes', async () => {
    const confirm = recorded.exchanges.find((each) => each.path === '/api/confirm') as Exchange
    const first = await (await replay(confirm)).text()
    await queryDatabase(temporary.folder, 'UPDATE share SET request_sha256 = $1', [
      Buffer.from(recorded.requestSha256, 'hex'),
    ])
    for (const body of [confirm.text, JSON.stringify(JSON.parse(confirm.text ?? ''), null, 1)])
      expect(await (await replay(confirm, body)).text()).toBe(first)
    const other = confirm.text?.replace('"urgent":true', '"urgent":false')
    expect((await replay(confirm, other)).status).toBe(409)
  })
})

/** Returns a relay that answers as the recorded one; a test may change answers as a newer relay could. */
function recordedRelay(change: (path: string, answer: Record<string, unknown>) => Record<string, unknown>) {
  const confirms: Record<string, unknown>[] = []
  const fetch = (async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    const { pathname } = new URL(request.url)
    if (pathname === '/feed') {
      const feed = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(': begin\n\n')),
      })
      return new Response(feed, { headers: { 'content-type': 'text/event-stream' } })
    }
    if (pathname === '/uploads')
      return new Response(null, { status: 201, headers: { location: `${RELAY_URL}/uploads/1`, 'upload-offset': '0' } })
    if (pathname.startsWith('/uploads/')) {
      const end = Number(request.headers.get('upload-offset')) + (await request.arrayBuffer()).byteLength
      return new Response(null, { status: 204, headers: { 'upload-offset': String(end) } })
    }
    let answer = change(pathname, recordedAnswer(pathname).json)
    if (pathname === '/api/confirm') {
      const { json: sent } = (await request.json()) as { json: Record<string, unknown> }
      confirms.push(sent)
      answer = { ...answer, shareId: sent['shareId'], packageId: sent['packageId'], parts: sent['parts'], grants: [] }
    }
    return Response.json({ json: answer })
  }) as typeof globalThis.fetch
  return { fetch, confirms }
}

async function stationAt(change: Parameters<typeof recordedRelay>[0] = (_path, answer) => answer) {
  const relay = recordedRelay(change)
  const enrolRequest: EnrolRequest = {
    code: 'x',
    workstationName: 'x',
    signingKey: new Uint8Array(32),
    recipient: 'age1x',
  }
  const enrolment = await enroll(RELAY_URL, enrolRequest, relay.fetch)
  // These keys fit together; the recorded ones belong to the other side.
  const made = { enrolment, api: null as never, seed: new Uint8Array(32).fill(1), identity: '', headers: {} }
  const { recipient } = await newIdentity()
  const folder = await mkdtemp(join(temporary.folder, 'station-'))
  const here = await openStation(folder, { ...made, recipient }, cuttableNetwork(relay.fetch))
  return { relay, here, enrolment }
}

describe('this workstation at a relay of protocol version 1', () => {
  it('S3: what it sends is what that relay knows, with the contacts that the directory shows', async () => {
    const { relay, here } = await stationAt()
    const share = here.share({ slices: 1 })
    const sync = await here.start()
    await eventually(() => here.ledger.state(share.shareId) === 'delivered')
    await sync.close()
    const schema = z.fromJSONSchema((await json('confirm-request.schema.json')) as never)
    expect(schema.safeParse(relay.confirms[0]).error).toBeUndefined()
    expect(relay.confirms[0]).toMatchObject({ grants: [{ email: share.recipients[0]?.email }] })
  })

  it('U7: a share for a contact that only the directory knows waits until the relay is updated', async () => {
    const { relay, here } = await stationAt()
    const share = here.share({ slices: 1, terms: { twoFactor: true } })
    const recipients = share.recipients.map((recipient) =>
      withoutPrivateContacts({ ...recipient, emailPublic: false, mobilePublic: false }),
    )
    here.ledger.shares.set(share.shareId, { ...share, recipients })
    const sync = await here.start()
    await eventually(() => here.ledger.items.get(share.shareId)?.reason === 'relay-outdated')
    expect(here.ledger.state(share.shareId)).toBe('waiting')
    expect(sync.state().online).toBe(true)
    expect(relay.confirms).toEqual([])
    await sync.close()
  })
})

describe('this workstation at a newer relay', () => {
  it('S9: roles, choices, fields and kinds that it does not know are passed over, and it stays online', async () => {
    const { here, enrolment } = await stationAt((path, answer) => {
      if (path === '/api/directory') return { ...answer, entries: [{ kind: 'robot', recipientId: 'r9' }], chapters: [] }
      if (path !== '/api/organisation' && path !== '/api/enroll') return answer
      const { staff, policy } = answer as unknown as OrganisationState
      return {
        ...answer,
        staff: [...staff, { ...staff[0], staffId: 'n', role: 'nurse' }, { ...staff[0], language: 'pt' }],
        policy: {
          ...policy,
          twoFactor: 'passkey',
          rights: [...policy.rights, 'print'],
          furtherSharing: 'asked',
          rooms: 3,
        },
        protocol: { version: 3, capabilities: ['directory-contacts', 'of-the-future'], since: 'x' },
      }
    })
    expect(enrolment.staff.map(({ role }) => role)).not.toContain('nurse')
    let organisationState: OrganisationState | null = null
    const sync = await here.start((context) => ({
      ...context,
      applyOrganisation: async (state) => {
        organisationState = state
      },
    }))
    await eventually(() => sync.state().online)
    expect(organisationState).toMatchObject({
      policy: { twoFactor: 'required', furtherSharing: 'forbidden', rights: enrolment.policy.rights },
      protocol: { version: 3 },
    })
    expect((organisationState as unknown as OrganisationState).staff.at(-1)?.language).toBeNull()
    await sync.close()
  })
})

describe('an update between a confirm and its retry', () => {
  it('S3: the retry says what the first try said, also when this version would say it otherwise', async () => {
    const { relay, here } = await stationAt()
    const share = here.share({ slices: 1 })
    const warnings: string[] = []
    const sync = await here.start((context) => ({
      ...context,
      ledger: new Proxy(context.ledger, {
        get(target, name) {
          if (name !== 'keepConfirm')
            return (Reflect.get(target, name) as () => void).bind?.(target) ?? Reflect.get(target, name)
          return async (_packageId: string, request: string) => {
            warnings.push(request)
            return JSON.stringify({ ...(JSON.parse(request) as object), message: 'As an earlier version put it.' })
          }
        },
      }),
    }))
    await eventually(() => here.ledger.state(share.shareId) === 'delivered')
    await sync.close()
    expect(warnings).toHaveLength(1)
    expect(relay.confirms).toMatchObject([{ message: 'As an earlier version put it.' }])
  })
})
