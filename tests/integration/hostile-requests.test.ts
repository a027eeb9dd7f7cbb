/** Sends every route of both programs endless bodies, nested brackets, long strings and broken addresses. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../src-core/contract/errors.ts'
import { relayContract } from '../../src-core/contract/relay.ts'
import { codeOfAnswer, countedBody, longStrings, proceduresOf, type RouteAddress } from '../support/hostile-requests.ts'
import {
  PROGRAM_NAMES,
  startAttackedPrograms,
  bodiesOf,
  type AttackedPrograms,
  type Side,
} from './attacked-programs.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2
/** The most that any route may read of a body before it refuses it; a chunk of an upload is the largest. */
const LARGEST_BODY = 16 * MIB
const CODES: ReadonlySet<string> = new Set(ERROR_CODES)
let programs: AttackedPrograms
const sides = PROGRAM_NAMES.map((name) => ({ name, side: () => programs.sides[name] }))
beforeAll(async () => {
  programs = await startAttackedPrograms()
})
afterAll(() => programs?.close())

const streamed = (side: Side, address: RouteAddress, stream: ReadableStream, type = 'application/json'): Request =>
  new Request(`${side.origin}${address.path}`, {
    method: address.method,
    headers: { ...side.headers(), 'content-type': type },
    body: stream,
    duplex: 'half',
  } as RequestInit)

describe.each(sides)('$name, whoever asks', ({ side: sideOf }) => {
  let side: Side
  beforeAll(() => {
    side = sideOf()
  })

  it('X12: no route reads a body of 1 GiB further than its limit', async () => {
    for (const address of bodiesOf(side))
      for (const type of ['application/json', 'application/offset+octet-stream', 'multipart/form-data; boundary=x']) {
        const body = countedBody(GIB)
        const response = await side.fetch(streamed(side, address, body.stream, type))
        const where = `${address.method} ${address.path} ${type}`
        expect(body.bytesTaken(), where).toBeLessThanOrEqual(LARGEST_BODY + 2 * 64 * 1024)
        expect(response.status, where).toBeGreaterThanOrEqual(400)
        expect(response.status, where).toBeLessThan(500)
      }
  })

  it('X12: a body that says it is too long is refused before its first byte, with a typed error', async () => {
    for (const { path: procedure } of side.procedures) {
      const body = countedBody(GIB)
      const request = streamed(side, { method: 'POST', path: procedure }, body.stream)
      request.headers.set('content-length', String(GIB))
      const response = await side.fetch(request)
      expect([procedure, response.status, await codeOfAnswer(response), body.bytesTaken()]).toEqual([
        procedure,
        413,
        'too-large',
        0,
      ])
    }
  })

  it('X12: 10 MiB of brackets within each other are refused by a typed error', async () => {
    for (const address of bodiesOf(side)) {
      const response = await side.fetch(streamed(side, address, countedBody(10 * MIB, 0x5b).stream))
      if (side.procedures.some(({ path: procedure }) => procedure === address.path))
        expect([address.path, await codeOfAnswer(response)]).toEqual([address.path, 'too-large'])
      else expect(response.status, address.path).toBeLessThan(500)
    }
  })

  it('X12: brackets within the limit of a body are not given to a parser', async () => {
    for (const { path: procedure } of side.procedures) {
      const text = '['.repeat(60_000)
      const response = await side.fetch(streamed(side, { method: 'POST', path: procedure }, new Blob([text]).stream()))
      expect([procedure, response.status, await codeOfAnswer(response)]).toEqual([procedure, 400, 'bad-request'])
    }
  })

  it('X12: every string of every procedure at twice its limit gets a typed answer', async () => {
    let sent = 0
    for (const { path: procedure, input } of side.procedures)
      for (const { field, value } of input === null ? [] : longStrings(input)) {
        const response = await side.fetch(
          streamed(side, { method: 'POST', path: procedure }, new Blob([JSON.stringify({ json: value })]).stream()),
        )
        const code = await codeOfAnswer(response)
        expect(`${procedure} ${field} ${response.status === 200 || CODES.has(code ?? '') ? 'typed' : code}`).toBe(
          `${procedure} ${field} typed`,
        )
        expect(code, `${procedure} ${field}`).not.toBe('internal')
        sent += 1
      }
    expect(sent).toBeGreaterThan(5)
  })

  it('X12: an address that cannot be decoded is answered by 400 or 404, without a line in the log', async () => {
    const before = programs.logged.length
    const broken = fc.constantFrom('%', '%zz', '%E0%A4', '%c3', '%FF', 'a%', '%%%', '%u0041')
    const addresses = [
      ...side.procedures.map((procedureAddress) => ({ method: 'POST', ...procedureAddress })),
      ...side.routes(),
    ]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...addresses), broken, fc.nat(), async ({ method, path: known }, piece, cut) => {
        const segments = known.split('/')
        segments[1 + (cut % (segments.length - 1))] = piece
        for (const text of [segments.join('/'), `${known}${piece}`, `${known}/${piece}`]) {
          const response = await side.fetch(new Request(`${side.origin}${text}`, { method, headers: side.headers() }))
          expect([text, response.status >= 400 && response.status < 500]).toEqual([text, true])
          expect([400, 401, 404, 405, 412]).toContain(response.status)
        }
      }),
      { seed: 9, numRuns: 150 },
    )
    expect(programs.logged.slice(before)).toEqual([])
  })

  it('W10: every answer forbids sniffing and frames and gives no address away; JSON is not kept', async () => {
    const addresses = [
      ...side.routes(),
      ...side.procedures.map((procedureAddress) => ({ method: 'POST', ...procedureAddress })),
    ]
    for (const { method, path: known } of [
      ...addresses,
      { method: 'GET', path: '/%zz' },
      { method: 'GET', path: '/nowhere/at/all' },
    ]) {
      // The feeds answer at once and stay open, so only their headers are read.
      const ending = new AbortController()
      const response = await side.fetch(
        new Request(`${side.origin}${known}`, { method, headers: side.headers(), signal: ending.signal }),
      )
      const { headers } = response
      const where = `${method} ${known}`
      expect(headers.get('x-content-type-options'), where).toBe('nosniff')
      expect(headers.get('referrer-policy'), where).toBe('no-referrer')
      expect(headers.get('content-security-policy'), where).toContain("frame-ancestors 'none'")
      if (headers.get('content-type')?.startsWith('application/json') && !known.startsWith('/portal-assets/'))
        expect(headers.get('cache-control'), where).toContain('no-store')
      ending.abort()
      await response.body?.cancel().catch(() => {})
    }
  })
})

describe('the relay, before it knows who asks', () => {
  it('X12: a stranger’s body to a procedure of workstations is not read at all', async () => {
    for (const { path: procedure } of proceduresOf(relayContract, '/api').filter(
      (procedureAddress) => procedureAddress.path !== '/api/enroll',
    )) {
      const body = countedBody(GIB)
      const response = await programs.sides['the relay'].fetch(
        new Request(`${programs.sides['the relay'].origin}${procedure}`, {
          method: 'POST',
          body: body.stream,
          duplex: 'half',
        } as RequestInit),
      )
      expect([procedure, response.status, await codeOfAnswer(response), body.bytesTaken()]).toEqual([
        procedure,
        401,
        'revoked',
        0,
      ])
    }
  })
})
