/**
 * One wire-level suite for both hosts: the browser host for real on loopback, the Electron host through the double of
 * its module.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserHost } from '../../src-main/hosts/browser.ts'
import { prepareElectron, runElectron } from '../../src-main/hosts/electron.ts'
import { folderHandles } from '../../src-main/hosts/folder-handles.ts'
import { electronDouble } from '../support/electron-double.ts'

/** What the handler under test saw of the requests it got. */
const seen = { aborted: 0, cancelled: 0 }
const until = async (holds: () => boolean) => {
  const end = Date.now() + 60_000
  while (!holds() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
}

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
  const first = await fetch(host.address(), { redirect: 'manual' })
  const cookie = first.headers.get('set-cookie')!.split(';')[0]!
  return {
    page: (path, init = {}) =>
      fetch(host.origin + path, { ...init, headers: { ...(init.headers as Record<string, string>), cookie } }),
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
    await until(() => seen.cancelled > before.cancelled && seen.aborted > before.aborted)
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
    // whole and right, or refused: a host may not do anything in between
    if (response.status === 200) expect(await response.json()).toMatchObject({ bytes: 3000, sum })
    else expect([response.status, name]).toEqual([411, 'electron (double)'])
  })
})

describe('browser host: who gets in', () => {
  it('opens by a one-time address only, and checks Host, Origin and cookie', async () => {
    const addresses: string[] = []
    const host = await browserHost(handler, { onAddress: (address) => addresses.push(address) })
    expect((await fetch(`${host.origin}/echo`)).status).toBe(401)
    const first = await fetch(addresses[0]!, { redirect: 'manual' })
    expect([first.status, await first.text()]).toEqual([200, 'the page'])
    const set = first.headers.get('set-cookie')!
    expect(set).toContain('HttpOnly')
    expect(set).toContain('SameSite=Strict')
    expect((await fetch(addresses[0]!, { redirect: 'manual' })).status).toBe(403)
    expect(addresses).toHaveLength(2)
    const cookie = set.split(';')[0]!
    const again = await fetch(addresses[0]!, { redirect: 'manual', headers: { cookie } })
    expect([again.status, again.headers.get('location')]).toEqual([303, '/'])
    expect((await fetch(`${host.origin}/echo`, { headers: { cookie } })).status).toBe(200)
    expect((await fetch(`${host.origin}/echo`, { headers: { cookie: `${cookie.slice(0, -1)}_` } })).status).toBe(401)
    expect(
      (await fetch(`${host.origin}/echo`, { headers: { cookie, origin: 'https://elsewhere.example' } })).status,
    ).toBe(403)
    expect((await fetch(`${host.origin}/echo`, { headers: { cookie, 'sec-fetch-site': 'cross-site' } })).status).toBe(
      403,
    )
    const { request } = await import('node:http')
    const rebound = await new Promise<number>((resolve) =>
      request(`${host.origin}/echo`, { headers: { cookie, host: 'rebound.example' } }, (response) =>
        resolve(response.statusCode!),
      ).end(),
    )
    expect(rebound).toBe(403)
    await host.close()
  })
})
