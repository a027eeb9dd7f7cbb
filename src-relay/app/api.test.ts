import { describe, expect, it } from 'vitest'
import { portalContract } from '../../src-core/contract/portal.ts'
import { relayContract } from '../../src-core/contract/relay.ts'
import { proceduresOf, type RelayCaller } from '../../src-core/permissions/called-by.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { openGrants } from '../access/open-grants.ts'
import { UNKNOWN_PEER } from '../callers/peer.ts'
import { workstationApi } from './api.ts'
import { portalApi } from './portal-api.ts'

/** This relay has no database, so that a procedure which is called fails with the code internal. */
const relay = {
  config: { publicUrl: 'https://relay.example.org' },
  now: () => new Date('2026-11-21T10:00:00Z'),
  endings: { subscribe: () => () => {} },
} as unknown as RelayContext

const post = (path: string, input: object = {}): Request =>
  new Request(`https://relay.example.org${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ json: input }),
  })

describe('permissions of the relay', () => {
  it('W8: every procedure of both contracts states who may call it', () => {
    const stated = [...proceduresOf(relayContract), ...proceduresOf(portalContract)]
    expect(stated.filter(({ calledBy }) => calledBy === undefined)).toEqual([])
    expect(stated.length).toBeGreaterThan(10)
  })

  it('W8: without a token of an enrolment only what anyone may call is reached', async () => {
    const api = workstationApi(relay)
    for (const { path, calledBy } of proceduresOf<RelayCaller>(relayContract)) {
      const response = (await api(post(`/api/${path}`), UNKNOWN_PEER))!
      const { json } = (await response.json()) as { json: { code: string } }
      expect([path, json.code === 'revoked']).toEqual([path, calledBy !== 'anyone'])
    }
  })

  it('U7: without an opened link its exam is not reached', async () => {
    const grantId = '5a3f1c20-0000-4000-8000-000000000001'
    const response = (await portalApi(relay, openGrants(relay))(post('/portal/rpc/exam', { grantId })))!
    expect(await response.json()).toMatchObject({ json: { code: 'link-unknown' } })
  })
})
