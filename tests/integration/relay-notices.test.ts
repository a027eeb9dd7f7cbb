import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FeedEvent } from '../../src-core/contract/relay.ts'
import { eventually } from '../support/eventually.ts'
import { startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  browser,
  codeOfFailure,
  confirmRequest,
  everyNoticeSent,
  feedEvents,
  makePackage,
  PUBLIC_URL,
  queryDatabase,
  someRecipient,
  tokenIn,
  uploadPackage,
  type TestPackage,
  type TestRecipient,
  type TestWorkstation,
} from './relay-support.ts'

interface Received {
  readonly to: string
  readonly source: string
}

let testRelay: EnrolledRelay
let station: TestWorkstation
let testPackage: TestPackage
let mailServer: SMTPServer
let gateway: Server
const mails: Received[] = []
const texts: { to: string; text: string; id: string }[] = []
/** The reply code with which the mail server refuses an address, and how many times. */
const refusals = new Map<string, { code: number; times: number }>()
/** Addresses for which the mail server does not answer until the test lets it. */
const delayedAddresses = new Map<string, Promise<void>>()
let gatewayStatus = 200

beforeAll(async () => {
  mailServer = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      const waiting = delayedAddresses.get(address)
      if (waiting !== undefined) return void waiting.then(() => done())
      const refusal = refusals.get(address)
      if (refusal === undefined || refusal.times === 0) return done()
      refusal.times -= 1
      return done(Object.assign(new Error('no'), { responseCode: refusal.code }))
    },
    onData(stream, session, done) {
      void text(stream).then((source) => {
        mails.push({ to: session.envelope.rcptTo[0]?.address ?? '', source })
        done()
      })
    },
  })
  await new Promise<void>((done) => mailServer.listen(0, '127.0.0.1', done))
  gateway = createServer((request, response) => {
    void text(request).then((body) => {
      if (gatewayStatus === 200) texts.push(JSON.parse(body) as (typeof texts)[number])
      response.writeHead(gatewayStatus).end()
    })
  })
  await new Promise<void>((done) => gateway.listen(0, '127.0.0.1', done))
  testRelay = await startEnrolledRelay({
    config: {
      demonstration: false,
      retrySeconds: 1,
      smtp: {
        host: '127.0.0.1',
        port: (mailServer.server.address() as AddressInfo).port,
        from: 'Sample Hospital <no-reply@example.org>',
      },
      sms: { url: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/send` },
    },
  })
  station = testRelay.station
  testPackage = await makePackage(station)
  await uploadPackage(testRelay.fetch, station, testPackage)
})

afterAll(async () => {
  await testRelay.close()
  await new Promise<void>((done) => mailServer.close(() => done()))
  gateway.close()
})

const mailTo = (address: string) => eventually(() => mails.find((mail) => mail.to === address))
/** Decodes quoted-printable. */
const plain = (source: string): string =>
  Buffer.from(
    source
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

/** Returns the first event of a share in the feed. */
async function firstEvent(shareId: string): Promise<FeedEvent | undefined> {
  const response = await testRelay.fetch(`${PUBLIC_URL}/feed`, {
    headers: { authorization: station.headers['authorization'] ?? '' },
  })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { value = '', done } = await reader.read()
    const event = value
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as FeedEvent)
      .find((each) => each.shareId === shareId)
    if (event !== undefined || done) {
      await reader.cancel()
      return event
    }
  }
}

/** Makes a share with one recipient, and waits for the mail with its link. */
async function sharedByMail(grant: TestRecipient): Promise<{ token: string; shareId: string; grantId: string }> {
  const { shareId, grants } = await station.api.confirm(confirmRequest(testPackage, { grants: [grant] }))
  const token = tokenIn(plain((await mailTo(grant.email))?.source ?? ''))
  expect((await firstEvent(shareId))?.type).toBe('notified')
  return { token, shareId, grantId: grants[0]?.grantId ?? '' }
}

describe('mail by SMTP', () => {
  it('U9: goes out with a Message-ID of its own, and says notified', async () => {
    const grant = someRecipient()
    const request = confirmRequest(testPackage, {
      grants: [grant],
      sender: { staffId: 'sample-technologist', name: 'Tess\r\nBcc: everyone@example.org' },
    })
    await station.api.confirm(request)
    const mail = await mailTo(grant.email)
    const [head = ''] = (mail?.source ?? '').split('\r\n\r\n')
    expect(head).toMatch(/^Message-ID: <[0-9a-f-]{36}@relay\.test>$/im)
    expect(head).not.toMatch(/^Bcc:/im)
    expect(plain(mail?.source ?? '')).toContain(`${PUBLIC_URL}/s/`)
    expect((await firstEvent(request.shareId))?.type).toBe('notified')
  })

  it('a final refusal is undeliverable, with its number and nothing else of the answer', async () => {
    const grant = someRecipient()
    refusals.set(grant.email, { code: 550, times: 99 })
    const request = confirmRequest(testPackage, { grants: [grant] })
    await station.api.confirm(request)
    expect(await firstEvent(request.shareId)).toMatchObject({
      type: 'undeliverable',
      recipientId: grant.recipientId,
      reason: 'smtp-550',
    })
    const without = confirmRequest(testPackage, { grants: [someRecipient({ recipientId: 'test-0' })] })
    await station.api.confirm(without)
    expect(await firstEvent(without.shareId)).toMatchObject({
      type: 'undeliverable',
      reason: 'recipient-without-email',
    })
  })

  it('S3: a mail that has to wait is tried again, and arrives once', async () => {
    const grant = someRecipient()
    refusals.set(grant.email, { code: 451, times: 2 })
    const request = confirmRequest(testPackage, { grants: [grant] })
    await station.api.confirm(request)
    expect((await firstEvent(request.shareId))?.type).toBe('notified')
    expect(mails.filter((mail) => mail.to === grant.email)).toHaveLength(1)
  })

  it('U5: each of several recipients gets a mail with a link of their own', async () => {
    const grants = [someRecipient(), someRecipient(), someRecipient()]
    await station.api.confirm(confirmRequest(testPackage, { grants }))
    const tokens = await Promise.all(
      grants.map(async ({ email }) => tokenIn(plain((await mailTo(email))?.source ?? ''))),
    )
    expect(new Set(tokens).size).toBe(3)
    for (const token of tokens) {
      const page = browser(testRelay.fetch)
      await page.portal.open({ token })
      expect((await page.portal.exam()).recipient).toBe('Zandloper, Mieke (sample)')
    }
  })

  it('without Send mail none is sent', async () => {
    const grant = someRecipient()
    await station.api.confirm(confirmRequest(testPackage, { grants: [grant], sendMail: false }))
    await everyNoticeSent(testRelay.folder)
    expect(mails.filter((mail) => mail.to === grant.email)).toEqual([])
  })

  it('outside a demonstration there is no outbox page', async () => {
    expect((await testRelay.fetch('http://localhost/outbox')).status).toBe(404)
  })
})

describe('text messages by a gateway', () => {
  it('U7: when the gateway fails to send a code the page says so, and a new one can be requested at once', async () => {
    const grant = someRecipient({ twoFactor: true })
    await station.api.confirm(confirmRequest(testPackage, { grants: [grant] }))
    const token = tokenIn(plain((await mailTo(grant.email))?.source ?? ''))
    const page = browser(testRelay.fetch)
    gatewayStatus = 500
    expect(await codeOfFailure(page.portal.sendOtp({ token }))).toBe('otp-not-sent')
    gatewayStatus = 200
    await page.portal.sendOtp({ token })
    const message = texts.find((each) => each.to === grant.mobile)
    expect(message?.text).not.toContain('D. J.')
    await page.portal.open({ token, otp: /\d{6}/.exec(message?.text ?? '')?.[0] })
  })

  it('U7: a code is queued for the number alone, never sent by mail, and says nothing about the share', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token, shareId, grantId } = await sharedByMail(grant)
    await browser(testRelay.fetch).portal.sendOtp({ token })
    expect(texts.filter(({ to }) => to === grant.mobile).map(({ text: said }) => said.includes('/s/'))).toEqual([false])
    expect(mails.filter((mail) => mail.to === grant.email)).toHaveLength(1)
    expect(
      await queryDatabase(
        testRelay.folder,
        'SELECT kind, channel, state, sealed_body FROM notice WHERE grant_id = $1 ORDER BY created_at, kind',
        [grantId],
      ),
    ).toEqual([
      { kind: 'mail-of-share', channel: 'mail', state: 'sent', sealed_body: null },
      { kind: 'one-time-password', channel: 'text', state: 'sent', sealed_body: null },
    ])
    expect((await feedEvents(testRelay.fetch, station)).filter((event) => event.shareId === shareId)).toHaveLength(1)
  })

  it('U7: a code does not wait for mails that a slow mail server holds up', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token } = await sharedByMail(grant)
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = Array.from({ length: 14 }, () => someRecipient())
    for (const { email } of waiting) delayedAddresses.set(email, promise)
    await station.api.confirm(confirmRequest(testPackage, { grants: waiting }))
    const active = "SELECT 1 FROM jobs.job WHERE name = 'notices' AND state = 'active'"
    await eventually(async () => (await queryDatabase(testRelay.folder, active)).length > 0)
    await browser(testRelay.fetch).portal.sendOtp({ token })
    expect(texts.filter(({ to }) => to === grant.mobile)).toHaveLength(1)
    expect(mails.filter((mail) => waiting.some(({ email }) => email === mail.to))).toEqual([])
    resolve()
    await Promise.all(waiting.map(({ email }) => mailTo(email)))
  })

  it('U7: a code that the gateway refuses can be requested again at once, and does not open the share', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token, grantId } = await sharedByMail(grant)
    const page = browser(testRelay.fetch)
    gatewayStatus = 400
    expect(await codeOfFailure(page.portal.sendOtp({ token }))).toBe('otp-not-sent')
    gatewayStatus = 200
    expect(
      await queryDatabase(testRelay.folder, 'SELECT 1 FROM one_time_password WHERE grant_id = $1', [grantId]),
    ).toEqual([])
    await page.portal.sendOtp({ token })
    const [message] = texts.filter(({ to }) => to === grant.mobile)
    await page.portal.open({ token, otp: /\d{6}/.exec(message?.text ?? '')?.[0] ?? '' })
  })
})
