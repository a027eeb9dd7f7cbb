/**
 * A relay's recipient side for development and tests: the contract in memory, invented people, synthetic images, the
 * built page from out/portal.
 * The link selects the scenario: /s/open (no code), /s/code (two-factor, the code is 246810), /s/blocked, /s/expired,
 * /s/long; any other link is unknown.
 */
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { serve } from '@hono/node-server'
import { implement, ORPCError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import { Hono } from 'hono'
import { portalContract } from '../../../src-core/contract/portal.ts'
import { Id, type Language, type Uid } from '../../../src-core/contract/identifiers.ts'
import { fakeDicomweb, type FakeSeries } from './fake-dicomweb.ts'

export const RIGHT_CODE = '246810'
export const FAKE_GRANT = Id.parse('7d0f3a52-1c7e-4b7f-9f0a-000000000001')
const DOWNLOAD = Buffer.from('PK\u0005\u0006'.padEnd(22, '\0'), 'latin1')
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const sender = {
  sender: 'Dr. Sample Sender',
  department: 'Radiology',
  organisation: 'Sample Hospital (demonstration)',
  contact: 'Radiology secretariat, +32 2 555 01 00',
}

const series = (study: string, number: number, over: Partial<FakeSeries> & Pick<FakeSeries, 'kind'>): FakeSeries => ({
  SeriesInstanceUID: `${study}.${number}`,
  Modality: 'CT',
  SeriesDescription: `Series ${number}`,
  images: 1,
  ...over,
})
const CT_STUDY = '1.2.826.0.1.3680043.10.1424.1'
const X_RAY_STUDY = '1.2.826.0.1.3680043.10.1424.2'
export const FAKE_STUDIES: Record<string, readonly FakeSeries[]> = {
  [CT_STUDY]: [
    series(CT_STUDY, 1, { kind: 'ct', images: 80, SeriesDescription: 'Chest 5 mm' }),
    series(CT_STUDY, 2, { kind: 'multiframe', images: 12, SeriesDescription: 'Chest cine' }),
    series(CT_STUDY, 3, { kind: 'damaged', images: 5, SeriesDescription: 'Scout' }),
    series(CT_STUDY, 4, { kind: 'report', Modality: 'DOC', SeriesDescription: 'Report' }),
  ],
  [X_RAY_STUDY]: [
    series(X_RAY_STUDY, 1, { kind: 'x-ray', images: 2, Modality: 'DX', SeriesDescription: 'Chest PA' }),
    series(X_RAY_STUDY, 2, { kind: 'colour', images: 3, Modality: 'US', SeriesDescription: 'Abdomen' }),
    series(X_RAY_STUDY, 3, { kind: 'video', Modality: 'ES', SeriesDescription: 'Endoscopy' }),
  ],
}

const study = (StudyInstanceUID: string, over: object) => ({
  StudyInstanceUID: StudyInstanceUID as Uid,
  PatientName: 'SAMPLE^Patient',
  PatientID: 'DEMO-001',
  PatientBirthDate: '19600229',
  StudyDescription: 'CT chest without contrast',
  StudyDate: '20260312',
  ModalitiesInStudy: ['CT', 'DOC'],
  images: FAKE_STUDIES[StudyInstanceUID]!.reduce((sum, one) => sum + one.images, 0),
  ...over,
})

export interface FakePortal {
  readonly url: string
  /** Every request that arrived, as method and path with query. */
  readonly requests: readonly string[]
  /** The delay before images and calls, in milliseconds, for slow lines. */
  slow: number
  /** Withdraws the open share: requests about it are then refused. */
  withdraw(): void
  close(): Promise<void>
}

export async function startFakePortal(options: { port?: number; language?: Language } = {}): Promise<FakePortal> {
  const requests: string[] = []
  const state = { wrong: 0, blocked: false, sentCode: false }
  const control = { slow: 0, withdrawn: false }
  const os = implement(portalContract).$context<{ cookies: string[]; token: string | null }>()
  const fail = (code: string, data: object = {}) => new ORPCError(code, { status: 403, data })
  const isKnownLink = (token: string) => {
    if (token === 'expired') throw fail('link-expired', { ...sender, language: options.language ?? 'en' })
    if (!['open', 'code', 'blocked', 'long'].includes(token)) throw fail('link-unknown')
    return { blocked: token === 'blocked' || (token === 'code' && state.blocked) }
  }
  const router = os.router({
    linkInfo: os.linkInfo.handler(({ input }) => {
      const { blocked } = isKnownLink(input.token)
      const gate = blocked ? ('blocked' as const) : input.token === 'code' ? ('otp' as const) : ('none' as const)
      return {
        ...sender,
        language: options.language ?? 'en',
        gate,
        maskedMobile: gate === 'otp' ? '+32 ••• •• 12' : '',
        triesLeft: 5 - state.wrong,
      }
    }),
    sendOtp: os.sendOtp.handler(() => {
      state.sentCode = true
      return { maskedMobile: '+32 ••• •• 12', validMinutes: 10 }
    }),
    open: os.open.handler(({ input, context }) => {
      if (isKnownLink(input.token).blocked) throw fail('blocked', sender)
      if (input.token === 'code' && (!state.sentCode || input.otp !== RIGHT_CODE)) {
        state.wrong += 1
        state.blocked = state.wrong >= 5
        throw state.blocked
          ? fail('blocked', { contact: sender.contact })
          : fail('otp-wrong', { triesLeft: 5 - state.wrong })
      }
      state.wrong = 0
      context.cookies.push(`fake-grant=${input.token}; Path=/portal; HttpOnly; SameSite=Strict`)
      return { grantId: FAKE_GRANT }
    }),
    exam: os.exam.handler(({ context }) => {
      if (!context.token) throw fail('link-unknown')
      const long = context.token === 'long'
      return {
        grantId: FAKE_GRANT,
        ...sender,
        language: options.language ?? 'en',
        right: 'images-read-report' as const,
        terms: { anonymize: long, urgent: false, furtherSharing: false },
        deliveredAt: '2026-11-01T09:00:00Z',
        end: long ? null : { day: '2026-12-01', time: null },
        message: long
          ? 'Thank you for looking at these.\nThe second exam was made six months later; ' +
            'please compare the lower left lung, and call me when you are done: I am at the hospital until eight.'
          : 'Please compare with the exam of last year.',
        recipient: long ? 'Dr. Maximiliana Wolfeschlegelsteinhausenbergerdorff-Sample' : 'Dr. Sample Reader',
        downloadBytes: 412_345_678,
        hasReport: !long,
        studies: [
          study(CT_STUDY, long ? { PatientName: 'Anonymous^1', PatientBirthDate: '' } : {}),
          ...(long
            ? [
                study(X_RAY_STUDY, {
                  PatientName: 'Anonymous^1',
                  PatientBirthDate: '',
                  StudyDescription: 'Thorax',
                  ModalitiesInStudy: ['DX', 'US'],
                  StudyDate: '20260914',
                }),
              ]
            : []),
        ],
      }
    }),
    close: os.close.handler(({ context }) => {
      context.cookies.push('fake-grant=; Path=/portal; Max-Age=0')
      return { ok: true as const }
    }),
  })
  const rpc = new RPCHandler(router)
  const images = fakeDicomweb({
    seriesOf: (uid) => FAKE_STUDIES[uid],
    before: () => new Promise((done) => setTimeout(done, control.slow)),
  })
  const tokenOf = (request: Request) =>
    control.withdrawn ? null : (/fake-grant=([a-z]+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? null)
  const app = new Hono()
  app.use(async (c, next) => {
    requests.push(`${c.req.method} ${c.req.path}${new URL(c.req.url).search}`)
    await next()
    c.header('content-security-policy', POLICY)
    c.header('referrer-policy', 'no-referrer')
  })
  app.post('/portal/rpc/*', async (c) => {
    const cookies: string[] = []
    const { response } = await rpc.handle(c.req.raw, {
      prefix: '/portal/rpc',
      context: { cookies, token: tokenOf(c.req.raw) },
    })
    if (!response) return c.json({ code: 'not-found' }, 404)
    const answer = new Response(response.body, response)
    for (const cookie of cookies) answer.headers.append('set-cookie', cookie)
    return answer
  })
  app.get(`/portal/grants/${FAKE_GRANT}/dicomweb/*`, async (c) =>
    tokenOf(c.req.raw) ? await images(c.req.raw) : Response.json({ code: 'link-unknown' }, { status: 404 }),
  )
  app.get(`/portal/grants/${FAKE_GRANT}/download`, (c) =>
    c.body(new Uint8Array(DOWNLOAD), 200, {
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="images.zip"',
    }),
  )
  const folder = resolve(import.meta.dirname, '../../../out/portal')
  const file = async (path: string) =>
    new Response(await readFile(resolve(folder, path)), {
      headers: { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' },
    })
  app.get('/portal-assets/*', (c) => file(c.req.path.slice('/portal-assets/'.length)))
  app.get('/s/:token', () => file('index.html'))
  const server = serve({ fetch: app.fetch, port: options.port ?? 0, hostname: '127.0.0.1' })
  await new Promise((done) => server.once('listening', done))
  const address = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    get slow() {
      return control.slow
    },
    set slow(milliseconds: number) {
      control.slow = milliseconds
    },
    withdraw() {
      control.withdrawn = true
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        ;(server as unknown as { closeAllConnections(): void }).closeAllConnections()
      }),
  }
}
