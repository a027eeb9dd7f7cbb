import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../src-core/contract/protocol.ts'
import { backoffMs } from './backoff.ts'
import { LARGEST_CHUNK, SMALLEST_CHUNK, nextChunkSize, uploadPart } from './tus.ts'

const connection = (fetch: typeof globalThis.fetch) => ({
  relayUrl: 'https://relay.example',
  token: 'token',
  protocol: PROTOCOL,
  fetch,
})
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** The relay's uploads in memory, with a fault before or after the effect of each request. */
type Fault = 'none' | 'lost-request' | 'lost-answer' | 'busy' | 'damaged' | 'down' | 'forgets' | 'cut'
function fakeUploads(faults: Fault[] = []) {
  const uploads = new Map<string, { length: number; held: Buffer; key: string }>()
  const requests: string[] = []
  let chunks = 0
  const answer = (status: number, headers: Record<string, string> = {}, body: unknown = null) =>
    new Response(body === null ? null : JSON.stringify(body), { status, headers })
  const handle = (url: string, method: string, headers: Headers, body: Uint8Array | null): Response => {
    if (headers.get('authorization') !== 'Bearer token') return answer(401, {}, { code: 'revoked' })
    if (method === 'POST') {
      const key = headers.get('upload-metadata') ?? ''
      const [id, found] = [...uploads].find(([, upload]) => upload.key === key) ?? [`u${uploads.size}`, null]
      const upload = found ?? { length: Number(headers.get('upload-length')), held: Buffer.alloc(0), key }
      uploads.set(id, upload)
      return answer(found ? 200 : 201, {
        location: `https://elsewhere.example/uploads/${id}`,
        'upload-offset': String(upload.held.length),
      })
    }
    const upload = uploads.get(url.split('/').at(-1) ?? '')
    if (!upload) return answer(404)
    if (method === 'HEAD') return answer(200, { 'upload-offset': String(upload.held.length) })
    if (Number(headers.get('upload-offset')) !== upload.held.length) return answer(409)
    if (!body || headers.get('upload-checksum') !== `sha256 ${hash(body).toString('base64')}`) return answer(460)
    upload.held = Buffer.concat([upload.held, body])
    chunks += 1
    return answer(204, { 'upload-offset': String(upload.held.length) })
  }
  const fetch = (async (input: string | URL | Request, init: RequestInit = {}) => {
    const [url, method] = [String(input), init.method ?? 'GET']
    init.signal?.throwIfAborted()
    requests.push(method)
    const fault = faults.shift() ?? 'none'
    if (fault === 'lost-request') throw new TypeError('fetch failed')
    if (fault === 'down') return answer(503)
    if (fault === 'busy' && method === 'PATCH') return answer(423)
    if (fault === 'forgets') uploads.clear()
    let body = init.body instanceof Uint8Array ? Buffer.from(init.body) : null
    if (fault === 'damaged' && body) body[0] = (body[0] ?? 0) ^ 1
    if (fault === 'cut' && body) body = body.subarray(1)
    const response = handle(url, method, new Headers(init.headers), body)
    if (fault === 'lost-answer') throw new TypeError('fetch failed')
    return response
  }) as typeof globalThis.fetch
  return {
    fetch,
    requests,
    held: () => [...uploads.values()][0]?.held ?? Buffer.alloc(0),
    count: () => uploads.size,
    chunks: () => chunks,
  }
}

function upload(
  bytes: Buffer<ArrayBuffer>,
  fetch: typeof globalThis.fetch,
  options: { signal?: AbortSignal; onOffset?: (offset: number) => void; onRead?: (offset: number) => void } = {},
) {
  let time = 0
  return uploadPart(
    {
      packageId: '0b8f6a54-93c5-4f0e-9d1a-111111111111',
      part: { name: 'images', size: bytes.length, sha256: hash(bytes).toString('hex') },
      tree: 'c'.repeat(64),
      read: async (offset, length) => {
        options.onRead?.(offset)
        return bytes.subarray(offset, offset + length)
      },
    },
    {
      connection: connection(fetch),
      signal: options.signal ?? new AbortController().signal,
      waiting: { backoff: async () => undefined },
      clock: () => {
        time += 100
        return time
      },
      onOffset: options.onOffset ?? (() => undefined),
    },
  )
}

describe('S2: uploads resume', () => {
  it('S2: a part goes up whole, in chunks that grow with the speed', async () => {
    const bytes = randomBytes(20 * 2 ** 20)
    const relay = fakeUploads()
    await upload(bytes, relay.fetch)
    expect(relay.held().equals(bytes)).toBe(true)
    expect(relay.chunks()).toBeLessThan((20 * 2 ** 20) / SMALLEST_CHUNK / 4)
  })

  it('S2: the next chunk is read while the relay keeps the one before', async () => {
    const bytes = randomBytes(2 * 2 ** 20)
    const relay = fakeUploads()
    let readOn: () => void = () => undefined
    const second = new Promise<void>((resolve) => (readOn = resolve))
    const fetch = (async (input: string, init: RequestInit = {}) => {
      // The first chunk gets no answer: an upload that waits for one before it reads on never ends.
      if (init.method === 'PATCH') await second
      return relay.fetch(input, init)
    }) as typeof globalThis.fetch
    await upload(bytes, fetch, { onRead: (offset) => offset > 0 && readOn() })
    expect(relay.held().equals(bytes)).toBe(true)
  })

  // Hundreds of uploads of 3 MiB with randomly chosen faults.
  it('S2: whatever is lost, refused or forgotten on the way, the relay ends with exactly the bytes, once', {
    timeout: 120_000,
  }, async () => {
    const bytes = randomBytes(3 * 2 ** 20 + 11)
    const fault = fc.constantFrom<Fault>(
      'none',
      'none',
      'lost-request',
      'lost-answer',
      'busy',
      'damaged',
      'down',
      'forgets',
      'cut',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 14 }), async (faults) => {
        const relay = fakeUploads([...faults])
        // The outbox tries again after the uploader has given up; the test does the same.
        for (let tries = 0; tries < 10; tries += 1) {
          try {
            await upload(bytes, relay.fetch)
            break
          } catch (error) {
            expect(['offline', 'relay-error', 'checksum-mismatch', 'offset-mismatch', 'upload-not-found']).toContain(
              (error as { code: string }).code,
            )
          }
        }
        expect(relay.held().equals(bytes)).toBe(true)
        expect(relay.count()).toBe(1)
      }),
      { numRuns: 60 },
    )
  })

  it('S2: after a stop, only what the relay does not hold is sent', async () => {
    const bytes = randomBytes(10 * 2 ** 20)
    const relay = fakeUploads()
    const stop = new AbortController()
    await expect(
      upload(bytes, relay.fetch, {
        signal: stop.signal,
        onOffset: (offset) => {
          if (offset > 4 * 2 ** 20) stop.abort()
        },
      }),
    ).rejects.toMatchObject({ code: 'cancelled' })
    const held = relay.held().length
    expect(held).toBeGreaterThan(4 * 2 ** 20)
    expect(held).toBeLessThan(bytes.length)
    const offsets: number[] = []
    await upload(bytes, relay.fetch, { onOffset: (offset) => offsets.push(offset) })
    expect(offsets[0]).toBe(held)
    expect(relay.held().equals(bytes)).toBe(true)
  })

  it('S2: no connection at all is given up after a few tries as offline', async () => {
    await expect(
      upload(randomBytes(10), (async () => {
        throw new TypeError('fetch failed')
      }) as typeof fetch),
    ).rejects.toMatchObject({ code: 'offline' })
  })

  it('S3: a revoked workstation stops at once', async () => {
    let asked = 0
    const refuse = (async () => {
      asked += 1
      return new Response(JSON.stringify({ code: 'revoked' }), { status: 401 })
    }) as typeof fetch
    await expect(upload(randomBytes(10), refuse)).rejects.toMatchObject({ code: 'revoked' })
    expect(asked).toBe(1)
  })

  it('S3: a proxy that answers 401 or 403 of its own is no revocation', async () => {
    const refuse = (async () => new Response('<html>', { status: 401 })) as typeof fetch
    await expect(upload(randomBytes(10), refuse)).rejects.toMatchObject({ code: 'relay-error' })
  })
})

describe('S2: pace', () => {
  it('S2: a chunk lasts about five seconds, between 256 KiB and 8 MiB, and at most doubles or halves', () => {
    // 1 MiB in 1 s: 5 MiB would be ideal, but the size at most doubles.
    expect(nextChunkSize(2 ** 20, 2 ** 20, 1)).toBe(2 ** 21)
    // 1 MiB in 4 s: 1.25 MiB in 5 s.
    expect(nextChunkSize(2 ** 20, 2 ** 20, 4)).toBe(1.25 * 2 ** 20)
    // 1 MiB in 100 s: the size at most halves, and never falls below the smallest.
    expect(nextChunkSize(2 ** 20, 2 ** 20, 100)).toBe(2 ** 19)
    expect(nextChunkSize(SMALLEST_CHUNK, SMALLEST_CHUNK, 100)).toBe(SMALLEST_CHUNK)
    expect(nextChunkSize(LARGEST_CHUNK, LARGEST_CHUNK, 0)).toBe(LARGEST_CHUNK)
  })

  it('S1: the time between tries doubles up to a minute, with at least half of it', () => {
    // Try 3: 1 s doubled twice is 4 s; random 0 gives half of it, 1 all.
    expect([backoffMs(1, 1), backoffMs(3, 0), backoffMs(3, 1), backoffMs(30, 1)]).toEqual([1000, 2000, 4000, 60_000])
  })
})
