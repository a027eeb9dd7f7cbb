/**
 * One wire-level suite for both hosts: the real browser host on loopback, and the Electron host through the double of
 * its module.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { browserHost, type BrowserHost } from '../../src-main/hosts/browser.ts'
import { prepareElectron, runElectron } from '../../src-main/hosts/electron.ts'
import { folderHandles } from '../../src-main/hosts/folder-handles.ts'
import { electronDouble } from '../support/electron-double.ts'
import { eventually } from '../support/eventually.ts'
import { openByAddress } from '../support/programs.ts'

/** What the handler under test has seen of its requests. */
const seen = { aborted: 0, cancelled: 0 }

async function handler(request: Request): Promise<Response> {
  const url = new URL(request.url)
  if (url.pathname === '/echo') {
    const body =
      request.method === 'GET' || request.method === 'HEAD'
        ? new Uint8Array()
        : new Uint8Array(await request.arrayBuffer())
    return Response.json({
      method: request.method,
      query: url.search,
      header: request.headers.get('x-test'),
      bytes: body.length,
      sum: body.reduce((sum, byte) => (sum + byte) % 65_521, 0),
    })
  }
  if (url.pathname === '/bytes')
    return new Response(new Uint8Array(Number(url.searchParams.get('n'))).fill(7), {
      headers: { 'content-type': 'application/octet-stream' },
    })
  if (url.pathname === '/') return new Response('the page')
  if (url.pathname === '/boom') throw new Error('DOE^Jane must never be seen')
  if (url.pathname === '/events') {
    request.signal.addEventListener('abort', () => {
      seen.aborted++
    })
    let timer: NodeJS.Timeout
    let count = 0
    return new Response(
      new ReadableStream({
        start(controller) {
          timer = setInterval(
            () => controller.enqueue(new TextEncoder().encode(`id: ${++count}\ndata: {"type":"outbox"}\n\n`)),
            20,
          )
        },
        cancel() {
          clearInterval(timer)
          seen.cancelled++
        },
      }),
      { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } },
    )
  }
  return new Response('no such thing', { status: 404 })
}

type Page = (path: string, init?: RequestInit & { duplex?: 'half' }) => Promise<Response>
interface Opened {
  page: Page
  close(): Promise<void>
}

async function openBrowser(): Promise<Opened> {
  const host = await browserHost(handler)
  const { headers } = await openByAddress(host.address(Infinity))
  return {
    page: async (path, init = {}) => {
      const send = () =>
        fetch(host.origin + path, { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } })
      try {
        return await send()
      } catch (error) {
        // A host may close an idle connection just as the test reuses it; browsers then send the request again.
        if ((error as { cause?: { code?: string } }).cause?.code !== 'ECONNRESET' || init.method) throw error
        return send()
      }
    },
    close: () => host.close(),
  }
}

async function openElectron(): Promise<Opened> {
  const double = electronDouble()
  prepareElectron(double.electron, null)
  await runElectron(double.electron, {
    preload: '/preload.cjs',
    windowStateFile: join(mkdtempSync(join(tmpdir(), 'outpost-window-')), 'window.json'),
    handles: folderHandles(),
    open: async () => ({ fetch: handler, close: async () => {}, relayOrigin: null }),
  })
  const { protocol } = double.sessions.get('persist:outpost')!
  return { page: (path, init) => protocol.fetch(`outpost://app${path}`, init), close: async () => {} }
}

describe.each([
  ['browser', openBrowser],
  ['electron (double)', openElectron],
] as const)('wire: %s host', (name, open) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  it('passes method, query, headers and a JSON body', async () => {
    const answer = await (
      await opened.page('/echo?a=1', {
        method: 'POST',
        body: '{"b":2}',
        headers: { 'content-type': 'application/json', 'x-test': 'yes' },
      })
    ).json()
    expect(answer).toMatchObject({ method: 'POST', query: '?a=1', header: 'yes', bytes: 7 })
  })
  it('passes bytes of an ArrayBuffer unchanged', async () => {
    const body = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251)
    const sum = body.reduce((total, byte) => (total + byte) % 65_521, 0)
    expect(await (await opened.page('/echo', { method: 'POST', body: body.buffer })).json()).toMatchObject({
      bytes: body.length,
      sum,
    })
  })
  it('answers GET and HEAD', async () => {
    expect((await opened.page('/echo')).status).toBe(200)
    const head = await opened.page('/echo', { method: 'HEAD' })
    expect(head.status).toBe(200)
  })
  it('passes statuses', async () => expect((await opened.page('/nowhere')).status).toBe(404))
  it.each([0, 1, 65_537, 20_000_000])('gives a response of %i bytes whole', async (n) => {
    const bytes = new Uint8Array(await (await opened.page(`/bytes?n=${n}`)).arrayBuffer())
    expect(bytes.length).toBe(n)
    expect(bytes.every((byte) => byte === 7)).toBe(true)
  })
  it('tells nothing of an unexpected failure', async () => {
    const response = await opened.page('/boom')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('DOE')
  })
  it('delivers server-sent events one by one while the response is open', async () => {
    const response = await opened.page('/events')
    const reader = response.body!.getReader()
    const first = new TextDecoder().decode((await reader.read()).value)
    expect(first.startsWith('id: 1\n')).toBe(true)
    const second = new TextDecoder().decode((await reader.read()).value)
    expect(second).toContain('id: 2\n')
    await reader.cancel()
  })
  it('tells the handler when the page cancels', async () => {
    const before = { ...seen }
    const controller = new AbortController()
    const response = await opened.page('/events', { signal: controller.signal })
    await response.body!.getReader().read()
    controller.abort()
    await eventually(() => seen.cancelled > before.cancelled && seen.aborted > before.aborted)
    expect(seen.cancelled).toBeGreaterThan(before.cancelled)
    expect(seen.aborted).toBeGreaterThan(before.aborted)
  })
  it('serves requests side by side while a stream is open', async () => {
    const stream = await opened.page('/events')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => opened.page(`/echo?i=${index}`).then((response) => response.json())),
    )
    expect(answers.map((answer: { query: string }) => answer.query)).toEqual(
      Array.from({ length: 20 }, (_, index) => `?i=${index}`),
    )
    await stream.body!.cancel()
  })
  it('never hands the handler a body whose memory is reused', async () => {
    const pieces = [1, 2, 3].map((value) => new Uint8Array(1000).fill(value))
    const sum = 1000 * (1 + 2 + 3)
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece)
        controller.close()
      },
    })
    const response = await opened.page('/echo', { method: 'POST', body, duplex: 'half' })
    // The request must arrive complete or be refused: a host may not accept part of it.
    if (response.status === 200) expect(await response.json()).toMatchObject({ bytes: 3000, sum })
    else expect([response.status, name]).toEqual([411, 'electron (double)'])
  })
})

describe('W8: browser host: who gets in', () => {
  let host: BrowserHost
  let now = 0
  let opened = 0
  const askedBy: (string | undefined)[] = []
  beforeEach(async () => {
    now = 1_000_000
    opened = 0
    askedBy.length = 0
    const telling = async (request: Request, browser?: string) => {
      if (new URL(request.url).pathname === '/echo') askedBy.push(browser)
      return handler(request)
    }
    host = await browserHost(telling, { now: () => now, onOpened: () => opened++ })
  })
  afterEach(() => host.close())

  const status = async (headers: Record<string, string>, path = '/echo') =>
    (await fetch(host.origin + path, { headers })).status
  const openStatus = async (address: string, headers: Record<string, string> = {}) =>
    (
      await fetch(`${host.origin}/open`, {
        method: 'POST',
        headers: { ...headers, 'x-outpost-token': new URL(address).hash.replace('#token=', '') },
      })
    ).status

  it('W8: the bare address shows the page to everyone, and nothing else without cookie and secret', async () => {
    const bare = await fetch(host.origin)
    expect([bare.status, await bare.text()]).toEqual([200, 'the page'])
    for (const path of ['/echo', '/events', '/rpc/session/current', '/dicomweb/studies', '/open', '/assets/../echo'])
      expect([path, await status({}, path)]).toEqual([path, 401])
    expect((await fetch(host.origin, { method: 'POST' })).status).toBe(401)
  })

  it('W8: a cookie that reached the server of another port opens nothing without the secret of the tab', async () => {
    const { headers } = await openByAddress(host.address(Infinity))
    expect(await status(headers)).toBe(200)
    expect(await status({ cookie: headers['cookie']! })).toBe(401)
    expect(await status({ 'x-outpost-secret': headers['x-outpost-secret']! })).toBe(401)
    const otherSession = await openByAddress(host.address(Infinity))
    expect(await status({ ...headers, 'x-outpost-secret': otherSession.headers['x-outpost-secret']! })).toBe(401)
    expect(await status({ ...headers, cookie: `${headers['cookie']!.slice(0, -1)}_` })).toBe(401)
  })

  it('W8: an address opens the workstation once, whoever of many is first', async () => {
    const address = host.address(Infinity)
    const statuses = await Promise.all(Array.from({ length: 10 }, () => openStatus(address)))
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 403)])
    expect(opened).toBe(1)
    expect(await openStatus(`${host.origin}/#token=`)).toBe(403)
  })

  it('W8: an address ends at its time; one without an end waits for as long as it takes', async () => {
    const [short, long] = [host.address(120_000), host.address(Infinity)]
    now += 119_999
    expect(await openStatus(host.address(1))).toBe(200)
    now += 1
    expect([await openStatus(short), await openStatus(short)]).toEqual([403, 403])
    now += 1e12
    expect(await openStatus(long)).toBe(200)
  })

  it('W8: each browser is named to the workstation; a second tab of one browser is the same', async () => {
    const first = await openByAddress(host.address(Infinity))
    const second = await openByAddress(host.address(Infinity))
    const tab = await fetch(`${host.origin}/open`, {
      method: 'POST',
      headers: {
        cookie: first.headers['cookie']!,
        'x-outpost-token': new URL(host.address(Infinity)).hash.replace('#token=', ''),
      },
    })
    const { secret } = (await tab.json()) as { secret: string }
    for (const headers of [first.headers, second.headers, { ...first.headers, 'x-outpost-secret': secret }])
      expect(await status(headers)).toBe(200)
    const [one, two, again] = askedBy
    expect([again === one, one === two, typeof one]).toEqual([true, false, 'string'])
  })

  it('W8: cookie, secret and refusals are not kept by browsers or readable by scripts', async () => {
    const answer = await fetch(`${host.origin}/open`, {
      method: 'POST',
      headers: { 'x-outpost-token': new URL(host.address(1)).hash.replace('#token=', '') },
    })
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const refusal = await fetch(`${host.origin}/rpc/session/current`)
    expect([refusal.headers.get('cache-control'), await refusal.json()]).toEqual([
      'no-store',
      expect.objectContaining({ code: 'not-opened' }),
    ])
  })

  it('W8: another origin, another site and a name that was bound to this address are refused', async () => {
    const { headers } = await openByAddress(host.address(Infinity))
    expect(await status({ ...headers, origin: 'https://elsewhere.example' })).toBe(403)
    expect(await status({ ...headers, origin: 'http://127.0.0.1:1' })).toBe(403)
    expect(await status({ ...headers, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await openStatus(host.address(Infinity), { origin: 'https://elsewhere.example' })).toBe(403)
    const { request } = await import('node:http')
    const rebound = await new Promise<number>((resolve) =>
      request(`${host.origin}/echo`, { headers: { ...headers, host: 'rebound.example' } }, (response) =>
        resolve(response.statusCode!),
      ).end(),
    )
    expect(rebound).toBe(403)
  })
})
