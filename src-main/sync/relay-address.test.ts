import { ORPCError } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { checkRelayUrl, relayFailure } from './relay-address.ts'
import { enroll, relayClient } from './relay-client.ts'

describe('X1: the address of the relay', () => {
  it('X1: without TLS only a relay on this machine is spoken to', () => {
    for (const good of [
      'https://relay.example/',
      'http://127.0.0.1:8080',
      'http://localhost:8080/',
      'http://[::1]:8080',
    ])
      expect(checkRelayUrl(good)).toBe(good.replace(/\/$/, ''))
    for (const bad of [
      'http://relay.example',
      'http://127.0.0.1.example.org',
      'http://10.0.0.1',
      'ftp://localhost',
      'http://localhost.example.org',
    ])
      expect(() => checkRelayUrl(bad), bad).toThrow('relay-without-tls')
    expect(() => checkRelayUrl('relay')).toThrow('bad-request')
  })

  it('X1: nothing is sent to a relay that is refused', () => {
    let asked = 0
    const fetch = (async () => {
      asked += 1
      return new Response()
    }) as typeof globalThis.fetch
    expect(() =>
      enroll(
        'http://relay.example',
        { code: 'c', workstationName: 'w', signingKey: new Uint8Array(32), recipient: 'age1' },
        fetch,
      ),
    ).toThrow('relay-without-tls')
    expect(asked).toBe(0)
  })
})

describe('S1: what a failed request means', () => {
  it('S1: no answer is offline; a code of the relay is that code; anything else may pass', () => {
    const codes = [
      new TypeError('fetch failed'),
      new Error('net::ERR_INTERNET_DISCONNECTED'),
      new ORPCError('revoked', { status: 401 }),
      new ORPCError('UNAUTHORIZED', { status: 401 }),
      new ORPCError('internal', { status: 500 }),
      new Error('odd'),
      new OutpostError('offline'),
    ].map((error) => relayFailure(error).code)
    expect(codes).toEqual(['offline', 'offline', 'revoked', 'relay-error', 'relay-error', 'relay-error', 'offline'])
  })

  it('S1: a captive portal that answers with its own page is an error that passes', async () => {
    const portal = (async () =>
      new Response('<html>Please sign in</html>', {
        status: 200,
        headers: { 'content-type': 'text/html' },
      })) as typeof fetch
    await expect(
      relayClient({ relayUrl: 'https://relay.example', token: 't', fetch: portal }).organisation(),
    ).rejects.toMatchObject({ code: 'relay-error' })
    const gone = (async () => {
      throw new TypeError('fetch failed')
    }) as typeof fetch
    await expect(
      relayClient({ relayUrl: 'https://relay.example', token: 't', fetch: gone }).organisation(),
    ).rejects.toMatchObject({ code: 'offline' })
  })
})
