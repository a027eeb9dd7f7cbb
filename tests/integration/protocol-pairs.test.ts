/**
 * Every row of the table of versions and capabilities in docs/protocol.md in both directions: a workstation without it
 * at this relay, and this workstation at a relay without it.
 */
import { mkdtemp, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROTOCOL, type Protocol } from '../../src-core/contract/protocol.ts'
import { withoutPrivateContacts } from '../../src-core/directory/contacts.ts'
import { headTeller, type HeadTellerOptions } from '../../src-main/audit/tell-head.ts'
import { relayClient } from '../../src-main/sync/relay-client.ts'
import { startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import { eventually } from '../support/eventually.ts'
import { cuttableNetwork, openStation, RELAY_URL, type Station } from '../support/sync-station.ts'
import {
  codeOfFailure,
  confirmRequest,
  enrolWorkstation,
  makePackage,
  shownMessages,
  someRecipient,
  uploadPackage,
  type TestWorkstation,
} from './relay-support.ts'

type Fetch = typeof globalThis.fetch

let relay: EnrolledRelay
let codes = 0

beforeAll(async () => {
  relay = await startEnrolledRelay()
})
afterAll(() => relay.close())

const without = (name: string): Protocol => ({
  ...PROTOCOL,
  capabilities: PROTOCOL.capabilities.filter((each) => each !== name),
})

async function enrolled(protocol: Protocol | undefined, fetch: Fetch = relay.fetch): Promise<TestWorkstation> {
  codes += 1
  const code = await relay.relay.administration.issueEnrolmentCode(
    relay.station.enrolment.department.departmentId,
    `pair-${codes}`,
  )
  return enrolWorkstation(fetch, code, protocol)
}

/** Sends a share as a workstation does that announces no tree hash. @returns how it was answered */
async function sharedBy(station: TestWorkstation, more: Parameters<typeof confirmRequest>[1] = {}): Promise<string> {
  const made = await makePackage(station)
  await uploadPackage(relay.fetch, station, made)
  return codeOfFailure(station.api.confirm(confirmRequest(made, { grants: [someRecipient()], ...more })))
}

/** This relay, answering and reading as one without the capability does. */
function relayWithout(name: string, version = PROTOCOL.version): Fetch {
  const lacks = (each: string): boolean => version === 1 || name === each
  return async (input, init) => {
    const request = new Request(input, init)
    const { pathname } = new URL(request.url)
    if (lacks('audit-heads') && /\/(auditHeads|witnessHead)$/.test(pathname))
      return Response.json({ code: 'not-found' }, { status: 404 })
    const metadata = request.headers.get('upload-metadata')
    if (lacks('upload-trees') && metadata !== null)
      request.headers.set('upload-metadata', metadata.replace(/,tree [^,]*/, ''))
    const answer = await relay.fetch(request)
    if (!/\/(enroll|organisation)$/.test(pathname) || !answer.ok) return answer
    const { json } = (await answer.json()) as { json: { protocol?: Protocol } }
    const { protocol: stated, ...rest } = json
    const protocol = stated && { ...stated, capabilities: stated.capabilities.filter((each) => each !== name) }
    return Response.json({ json: version === 1 ? rest : { ...rest, protocol } })
  }
}

async function stationAt(fetch: Fetch): Promise<{ station: Station; made: TestWorkstation }> {
  const made = await enrolled(PROTOCOL, fetch)
  const here = ((input, init) => {
    const request = new Request(input as Request, init)
    return fetch(new Request(request.url.replace(RELAY_URL, 'http://relay.test'), request))
  }) as Fetch
  const folder = await mkdtemp(join(relay.folder, 'station-'))
  return { station: await openStation(folder, made, cuttableNetwork(here)), made }
}

async function delivers(fetch: Fetch): Promise<Station> {
  const { station } = await stationAt(fetch)
  const { shareId } = station.share({ slices: 1 })
  const sync = await station.start()
  await eventually(() => station.ledger.state(shareId) === 'delivered')
  await sync.close()
  return station
}

interface Pair {
  /** A workstation without it at this relay. */
  readonly olderWorkstation: () => Promise<void>
  /** This workstation at a relay without it. */
  readonly olderRelay: () => Promise<void>
}

const PAIRS: Record<string, Pair> = {
  '1': {
    olderWorkstation: async () => expect(await sharedBy(await enrolled(undefined))).toBe('no failure'),
    olderRelay: async () => void (await delivers(relayWithout('', 1))),
  },
  '2': {
    olderWorkstation: async () =>
      expect(await sharedBy(await enrolled({ version: 1, capabilities: [] }))).toBe('no failure'),
    olderRelay: async () => void (await delivers(relayWithout('', 1))),
  },
  'audit-heads': {
    async olderWorkstation() {
      const station = await enrolled(without('audit-heads'))
      expect(await sharedBy(station)).toBe('no failure')
      expect((await station.api.auditHeads()).witnessed).toBeNull()
    },
    async olderRelay() {
      const { station, made } = await stationAt(relayWithout('audit-heads'))
      const connection = await station.context.connection()
      const tell = headTeller({
        audit: {} as HeadTellerOptions['audit'],
        enrolment: async () => made.enrolment as never,
        now: () => new Date(),
      })
      await tell(relayClient(connection!))
      expect(station.network.requests).toEqual([])
      await delivers(relayWithout('audit-heads'))
    },
  },
  'directory-contacts': {
    async olderWorkstation() {
      const station = await enrolled(without('directory-contacts'))
      const grant = someRecipient()
      const { email, mobile } = withoutPrivateContacts({ ...grant, emailPublic: false, mobilePublic: false } as never)
      expect(await sharedBy(station, { grants: [{ ...grant, email, mobile }] })).toBe('no failure')
      expect(await shownMessages(relay.fetch, grant.email, 1)).toHaveLength(1)
    },
    async olderRelay() {
      const { station } = await stationAt(relayWithout('directory-contacts'))
      const share = station.share({ slices: 1 })
      const recipients = share.recipients.map((each) => withoutPrivateContacts({ ...each, emailPublic: false }))
      station.ledger.shares.set(share.shareId, { ...share, recipients })
      const sync = await station.start()
      await eventually(() => station.ledger.items.get(share.shareId)?.reason === 'relay-outdated')
      expect(station.ledger.state(share.shareId)).toBe('waiting')
      await sync.close()
    },
  },
  'upload-trees': {
    olderWorkstation: async () => expect(await sharedBy(await enrolled(without('upload-trees')))).toBe('no failure'),
    async olderRelay() {
      const station = await delivers(relayWithout('upload-trees'))
      expect(station.network.requests).toContain('POST /uploads')
    },
  },
  'term-…': {
    // The value that a relay takes for a term that is not stated is a unit test over all terms (confirm-terms.test.ts).
    async olderWorkstation() {
      const station = await enrolled({ ...PROTOCOL, capabilities: ['audit-heads', 'directory-contacts'] })
      expect(await sharedBy(station)).toBe('no failure')
    },
    async olderRelay() {
      const terms = { ofTheFuture: true } as never
      expect(await sharedBy(await enrolled(PROTOCOL), { terms })).toBe('relay-outdated')
    },
  },
}

describe('S3: versions and capabilities in pairs', () => {
  it('S3: every row of the table is a pair here, and every capability that is stated is a row', async () => {
    const text = await readFile(resolve(import.meta.dirname, '../../docs/protocol.md'), 'utf8')
    const [, table = ''] = /\| version or capability \|.*\n\|---.*\n((?:\|.*\n)+)/.exec(text) ?? []
    const rows = table
      .trim()
      .split('\n')
      .map((row) => row.split('|')[1]!.trim().replaceAll('`', ''))
    expect(rows.toSorted()).toEqual(Object.keys(PAIRS).toSorted())
    const stated = PROTOCOL.capabilities.map((each) => (each.startsWith('term-') ? 'term-…' : each))
    for (const each of stated) expect(rows).toContain(each)
    expect(rows).toContain(String(PROTOCOL.version))
  })

  it.each(Object.entries(PAIRS))(
    'S3: a workstation that does not speak %s shares at this relay',
    (_name, { olderWorkstation }) => olderWorkstation(),
  )

  it.each(Object.entries(PAIRS))(
    'S3: this workstation loses nothing at a relay that does not speak %s',
    (_name, { olderRelay }) => olderRelay(),
  )
})
