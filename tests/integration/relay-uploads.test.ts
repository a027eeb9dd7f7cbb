import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { Upload } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveRelay, type ServedRelay } from '../../src-relay/hosts/serve.ts'
import {
  createUpload,
  enrolWorkstation,
  MESSAGES,
  patchUpload,
  PUBLIC_URL,
  temporaryFolder,
  writeSeed,
  type TestWorkstation,
} from './relay-support.ts'

let temporary: { folder: string; remove(): Promise<void> }
let served: ServedRelay
let station: TestWorkstation
/** Sends requests over the real socket, to the relay's address. */
const overHttp: typeof fetch = (input, init) => {
  const request = new Request(input as Request, init?.body ? ({ ...init, duplex: 'half' } as RequestInit) : init)
  return fetch(new Request(request.url.replace(PUBLIC_URL, served.url), request))
}

beforeAll(async () => {
  temporary = await temporaryFolder()
  served = await serveRelay({
    port: 0,
    database: { embedded: join(temporary.folder, 'relay') },
    objects: { folder: join(temporary.folder, 'objects') },
    messagesFolder: MESSAGES,
    seed: await writeSeed(temporary.folder),
  })
  station = await enrolWorkstation(overHttp, 'RADI-OLOG-0001')
})

afterAll(async () => {
  await served.close()
  await temporary.remove()
})

const partOf = (bytes: Uint8Array, name = 'images') => ({
  name,
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})
const head = async (location: string): Promise<number> =>
  Number((await fetch(location, { method: 'HEAD', headers: station.headers })).headers.get('upload-offset'))

describe('tus 1.0.0', () => {
  it('a foreign client uploads, is cut off, and resumes where the relay says', async () => {
    const bytes = randomBytes(3_000_000)
    const packageId = randomUUID()
    const options = {
      endpoint: `${served.url}/uploads`,
      chunkSize: 500_000,
      retryDelays: null,
      headers: { authorization: station.headers['authorization'] ?? '' },
      metadata: { packageId, part: 'images', sha256: partOf(bytes).sha256 },
      storeFingerprintForResuming: false,
    }
    const first = await new Promise<string>((done, fail) => {
      const upload = new Upload(bytes, {
        ...options,
        onError: fail,
        onChunkComplete: (_size, accepted) => {
          if (accepted >= 1_000_000) void upload.abort().then(() => done(upload.url ?? ''))
        },
      })
      upload.start()
    })
    const reached = await head(first)
    expect(reached).toBeGreaterThanOrEqual(1_000_000)
    expect(reached).toBeLessThan(3_000_000)
    const begun: number[] = []
    await new Promise<void>((done, fail) => {
      new Upload(bytes, {
        ...options,
        uploadUrl: first,
        onError: fail,
        onSuccess: () => done(),
        onProgress: (sent) => begun.push(sent),
      }).start()
    })
    expect(begun[0]).toBeGreaterThanOrEqual(reached)
    expect(await head(first)).toBe(3_000_000)
  })

  it('OPTIONS tells versions, extensions and limits', async () => {
    const { status, headers } = await fetch(`${served.url}/uploads`, { method: 'OPTIONS' })
    expect([
      status,
      headers.get('tus-version'),
      headers.get('tus-extension'),
      headers.get('tus-checksum-algorithm'),
    ]).toEqual([204, '1.0.0', 'creation,checksum,termination', 'sha256,sha1'])
    expect(Number(headers.get('tus-max-size'))).toBeGreaterThan(2 ** 40)
  })

  it('S2: the same part again is the same upload; with another hash or size it is refused', async () => {
    const bytes = randomBytes(1000)
    const packageId = randomUUID()
    const created = await createUpload(overHttp, station, packageId, partOf(bytes))
    expect(created.status).toBe(201)
    const location = created.headers.get('location') ?? ''
    await patchUpload(overHttp, station, location, 0, bytes.subarray(0, 400))
    const again = await createUpload(overHttp, station, packageId, partOf(bytes))
    expect([again.status, again.headers.get('location'), again.headers.get('upload-offset')]).toEqual([
      200,
      location,
      '400',
    ])
    expect((await createUpload(overHttp, station, packageId, partOf(randomBytes(1000)))).status).toBe(409)
    expect((await createUpload(overHttp, station, packageId, partOf(randomBytes(999)))).status).toBe(409)
  })

  it('a chunk that arrived damaged changes nothing, nor does one at another offset', async () => {
    const bytes = randomBytes(1000)
    const location = (await createUpload(overHttp, station, randomUUID(), partOf(bytes))).headers.get('location') ?? ''
    const digest = createHash('sha256').update(randomBytes(4)).digest('base64')
    expect((await patchUpload(overHttp, station, location, 0, bytes, `sha256 ${digest}`)).status).toBe(460)
    expect((await patchUpload(overHttp, station, location, 0, bytes, `md5 ${digest}`)).status).toBe(400)
    expect((await patchUpload(overHttp, station, location, 10, bytes.subarray(10))).status).toBe(409)
    expect(await head(location)).toBe(0)
    expect(
      (
        await patchUpload(
          overHttp,
          station,
          location,
          0,
          bytes,
          `sha1 ${createHash('sha1').update(bytes).digest('base64')}`,
        )
      ).status,
    ).toBe(204)
    expect((await patchUpload(overHttp, station, location, 1000, Buffer.from('x'))).status).toBe(413)
  })

  it('a chunk above 16 MiB is refused', async () => {
    const bytes = Buffer.alloc(16 * 1024 * 1024 + 1)
    const location = (await createUpload(overHttp, station, randomUUID(), partOf(bytes))).headers.get('location') ?? ''
    expect((await patchUpload(overHttp, station, location, 0, bytes)).status).toBe(413)
    expect(await head(location)).toBe(0)
  })

  it('of several who write at once one is taken, and the others are told', async () => {
    const bytes = randomBytes(2_000_000)
    const location = (await createUpload(overHttp, station, randomUUID(), partOf(bytes))).headers.get('location') ?? ''
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => patchUpload(overHttp, station, location, 0, bytes)),
    )
    expect(answers.filter((answer) => answer.status === 204)).toHaveLength(1)
    expect(answers.every((answer) => [204, 409, 423].includes(answer.status))).toBe(true)
    expect(await head(location)).toBe(bytes.length)
  })

  it('many who upload at once wait for each other, and none for ever', async () => {
    const bytes = randomBytes(20_000)
    const locations = await Promise.all(
      Array.from(
        { length: 40 },
        async () => (await createUpload(overHttp, station, randomUUID(), partOf(bytes))).headers.get('location') ?? '',
      ),
    )
    const answers = await Promise.all(locations.map((location) => patchUpload(overHttp, station, location, 0, bytes)))
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 40 }, () => 204))
  })

  it('another workstation cannot see, write or end an upload', async () => {
    const bytes = randomBytes(100)
    const location = (await createUpload(overHttp, station, randomUUID(), partOf(bytes))).headers.get('location') ?? ''
    for (const code of ['RADI-OLOG-0002', 'EXAM-PLEC-0001']) {
      const otherStation = await enrolWorkstation(overHttp, code)
      expect((await fetch(location, { method: 'HEAD', headers: otherStation.headers })).status).toBe(404)
      expect((await patchUpload(overHttp, otherStation, location, 0, bytes)).status).toBe(404)
      expect((await fetch(location, { method: 'DELETE', headers: otherStation.headers })).status).toBe(404)
    }
    expect((await fetch(location, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })).status).toBe(401)
    expect(await head(location)).toBe(0)
  })

  it('DELETE ends an upload', async () => {
    const bytes = randomBytes(100)
    const location = (await createUpload(overHttp, station, randomUUID(), partOf(bytes))).headers.get('location') ?? ''
    await patchUpload(overHttp, station, location, 0, bytes.subarray(0, 50))
    expect((await fetch(location, { method: 'DELETE', headers: station.headers })).status).toBe(204)
    expect((await fetch(location, { method: 'HEAD', headers: station.headers })).status).toBe(404)
  })

  it('another version of tus is refused', async () => {
    const response = await fetch(`${served.url}/uploads`, {
      method: 'POST',
      headers: { ...station.headers, 'tus-resumable': '0.2.2' },
    })
    expect([response.status, response.headers.get('tus-version')]).toEqual([412, '1.0.0'])
  })

  it('S2: whatever is sent, in any order, the offset only ever stands behind bytes that were right', async () => {
    const bytes = randomBytes(20_000)
    const attempt = fc.record({
      at: fc.constantFrom('offset', 'before', 'after'),
      size: fc.integer({ min: 1, max: 8000 }),
      damaged: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 10 }), async (attempts) => {
        const location =
          (await createUpload(overHttp, station, randomUUID(), partOf(bytes))).headers.get('location') ?? ''
        let offset = 0
        for (const { at, size, damaged } of attempts) {
          const from = at === 'offset' ? offset : at === 'before' ? Math.max(0, offset - 1) : offset + 1
          const chunk = bytes.subarray(from, from + size)
          if (chunk.length === 0) continue
          const answer = await patchUpload(
            overHttp,
            station,
            location,
            from,
            chunk,
            damaged ? `sha256 ${createHash('sha256').digest('base64')}` : undefined,
          )
          const right = from === offset && !damaged
          expect(answer.status).toBe(right ? 204 : from === offset ? 460 : 409)
          if (right) offset += chunk.length
          expect(await head(location)).toBe(offset)
        }
      }),
      { numRuns: 25 },
    )
  })
})
