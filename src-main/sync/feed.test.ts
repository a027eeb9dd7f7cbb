import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../src-core/contract/protocol.ts'
import type { FeedEvent } from '../../src-core/contract/relay.ts'
import { eventReader, feedEvents } from './feed.ts'

const event = (cursor: number): FeedEvent => ({
  cursor,
  at: '2026-11-21T10:00:00.000Z',
  type: 'opened',
  shareId: '6f1f9f0a-5f0e-4a8e-8b1e-0d3a52a0c111',
  recipientId: 'r',
  reason: null,
})
const text = (cursors: number[]) =>
  `: begin\n\n${cursors.map((cursor) => `id: ${cursor}\ndata: ${JSON.stringify(event(cursor))}\n\n`).join('')}`

function answering(
  body: ReadableStream<Uint8Array> | string,
  init: ResponseInit = { headers: { 'content-type': 'text/event-stream' } },
) {
  return {
    relayUrl: 'https://relay.example',
    token: 'token',
    protocol: PROTOCOL,
    fetch: (async () => new Response(body, init)) as typeof fetch,
  }
}
async function read(
  connection: ReturnType<typeof answering>,
  options: { signal?: AbortSignal; silenceMs?: number } = {},
): Promise<number[]> {
  const cursors: number[] = []
  for await (const events of feedEvents({
    connection,
    after: 0,
    signal: new AbortController().signal,
    onLife: () => undefined,
    ...options,
  }))
    cursors.push(...events.map(({ cursor }) => cursor))
  return cursors
}

describe('S9: the feed', () => {
  it('S9: events come whole and in order, wherever the stream is cut into pieces', () => {
    const whole = text([1, 2, 3])
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((one, other) => one - other), whole.length]
        const reader = eventReader()
        const data = at.slice(1).flatMap((end, index) => reader(whole.slice(at[index], end)))
        expect(data.map((each) => (JSON.parse(each) as FeedEvent).cursor)).toEqual([1, 2, 3])
      }),
    )
  })

  it('S9: what is no event of the contract is passed over', async () => {
    expect(
      await read(answering(`${text([1])}data: nonsense\n\ndata: {"cursor":2,"type":"of the future"}\n\n${text([3])}`)),
    ).toEqual([1, 3])
  })

  it('S9: a relay that says nothing for too long counts as gone', async () => {
    const silent = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(': begin\n\n')),
    })
    await expect(read(answering(silent), { silenceMs: 30 })).rejects.toMatchObject({ code: 'offline' })
  })

  it('S9: it stops when told to, in the middle of silence', async () => {
    const stop = new AbortController()
    // The body requests more data: what was there has been read.
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const silent = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(': begin\n\n')),
      pull: () => resolve(),
    })
    const reading = expect(read(answering(silent), { signal: stop.signal })).rejects.toMatchObject({
      code: 'cancelled',
    })
    await begun
    stop.abort()
    await reading
  })

  it('W18: a revoked enrolment is said as such, the page of a proxy is not taken for a feed', async () => {
    await expect(read(answering(JSON.stringify({ code: 'revoked' }), { status: 401 }))).rejects.toMatchObject({
      code: 'revoked',
    })
    await expect(
      read(answering('<html>', { status: 200, headers: { 'content-type': 'text/html' } })),
    ).rejects.toMatchObject({ code: 'relay-error' })
  })
})
