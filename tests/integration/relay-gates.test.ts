import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfirmRequest, FeedEvent } from '../../src-core/contract/relay.ts'
import { mailedToken, startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  browser,
  codeOfFailure,
  confirmRequest,
  createUpload,
  everyNoticeSent,
  feedEvents,
  makePackage,
  patchUpload,
  PUBLIC_URL,
  shownMessages,
  someRecipient,
  type TestRecipient,
  uploadPackage,
  type TestPackage,
  type TestWorkstation,
  type TestBrowser,
} from './relay-support.ts'

let testRelay: EnrolledRelay
let station: TestWorkstation
let testPackage: TestPackage
let skewMs = 0

beforeAll(async () => {
  testRelay = await startEnrolledRelay({ config: { now: () => new Date(Date.now() + skewMs) } })
  station = testRelay.station
  testPackage = await makePackage(station)
  await uploadPackage(testRelay.fetch, station, testPackage)
})

afterAll(() => testRelay.close())

/** Makes a share with one recipient, and returns the link in the recipient's mail. */
async function shared(grant: TestRecipient, more: Partial<ConfirmRequest> = {}) {
  const request = confirmRequest(testPackage, { grants: [grant], ...more })
  await station.api.confirm(request)
  const token = await mailedToken(testRelay.fetch, grant.email)
  // The outbox shows the mail before the relay has recorded that it was sent.
  await everyNoticeSent(testRelay.folder)
  return { grant, shareId: request.shareId, token }
}

/** Returns the newest one-time password that was sent to the grant's number. */
async function sentCode(mobile: string, count = 1): Promise<string> {
  const [message] = await shownMessages(testRelay.fetch, mobile, count)
  return /\d{6}/.exec(message?.body ?? '')?.[0] ?? ''
}

const otherThan = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const wait = (minutes: number): void => {
  skewMs += minutes * 60_000
}

const feed = (after = 0): Promise<FeedEvent[]> => feedEvents(testRelay.fetch, station, after)
const eventsOf = async (shareId: string): Promise<string[]> =>
  (await feed()).filter((event) => event.shareId === shareId).map((event) => event.type)

describe('without two-factor', () => {
  it('S9: notified and opened come back by the feed, once, and are replayed from a cursor', async () => {
    const { token, shareId } = await shared(someRecipient())
    const page = browser(testRelay.fetch)
    await page.portal.open({ token })
    await page.portal.open({ token })
    expect(await eventsOf(shareId)).toEqual(['notified', 'opened'])
    const events = await feed()
    expect(events.map((event) => event.cursor)).toEqual(events.map((event) => event.cursor).sort((a, b) => a - b))
    expect(await feed(events.at(-2)!.cursor)).toEqual(events.slice(-1))
  })

  it('C6: GET and HEAD of a link change nothing', async () => {
    const { token, shareId } = await shared(someRecipient())
    for (const method of ['GET', 'HEAD', 'GET']) await testRelay.fetch(`${PUBLIC_URL}/s/${token}`, { method })
    expect(await eventsOf(shareId)).toEqual(['notified'])
    const response = await testRelay.fetch(
      `${PUBLIC_URL}/portal/rpc/open?data=${encodeURIComponent(JSON.stringify({ json: { token } }))}`,
    )
    expect(response.status).toBe(405)
    expect(await eventsOf(shareId)).toEqual(['notified'])
  })

  it('the cookie is HttpOnly and SameSite=Strict, and a grant that is closed is closed', async () => {
    const { token } = await shared(someRecipient())
    const response = await testRelay.fetch(`${PUBLIC_URL}/portal/rpc/open`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ json: { token } }),
    })
    expect(response.headers.get('set-cookie')).toMatch(
      /^outpost-grant=[\w-]{43}; Path=\/portal; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
    const page = browser(testRelay.fetch)
    await page.portal.open({ token })
    await page.portal.close()
    expect(await codeOfFailure(page.portal.exam())).toBe('link-unknown')
  })

  it('a page of elsewhere may not call', async () => {
    const { token } = await shared(someRecipient())
    const response = await testRelay.fetch(`${PUBLIC_URL}/portal/rpc/linkInfo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://elsewhere.example' },
      body: JSON.stringify({ json: { token } }),
    })
    expect([response.status, await response.json()]).toEqual([403, { code: 'wrong-origin' }])
  })

  it('U22: an exam is open for exactly its validity; then the link says so, and whom to ask', async () => {
    const { token, shareId } = await shared(someRecipient(), { validity: { kind: 'period', unit: 'day', count: 1 } })
    const page = browser(testRelay.fetch)
    await page.portal.open({ token })
    wait(49 * 60)
    expect(await codeOfFailure(page.portal.exam())).toBe('link-expired')
    expect(await codeOfFailure(page.portal.linkInfo({ token }))).toBe('link-expired')
    expect((await page.get('/download')).status).toBe(404)
    expect(await testRelay.relay.administration.expireDueShares()).toBeGreaterThan(0)
    expect(await eventsOf(shareId)).toEqual(['notified', 'opened', 'expired'])
    const response = await testRelay.fetch(`${PUBLIC_URL}/s/${token}`)
    expect(response.status).toBe(404)
    const text = await response.text()
    expect(text).toContain('verlopen')
    expect(text).toContain('Radiology desk')
  })
})

describe('sessions', () => {
  const minutes = async (page: TestBrowser, step: number, count: number): Promise<string[]> => {
    const codes: string[] = []
    for (let time = 0; time < count; time += 1) {
      wait(step)
      codes.push(await codeOfFailure(page.portal.exam()))
    }
    return codes
  }

  it('W17: an exam that nobody looks at for half an hour is closed, and its pictures with it', async () => {
    const { token } = await shared(someRecipient(), { validity: { kind: 'unlimited' } })
    const page = browser(testRelay.fetch)
    await page.portal.open({ token })
    expect(await minutes(page, 29, 3)).toEqual(['no failure', 'no failure', 'no failure'])
    wait(31)
    expect(await codeOfFailure(page.portal.exam())).toBe('session-ended')
    for (const path of ['/download', '/dicomweb/studies']) expect((await page.get(path)).status).toBe(401)
    await page.portal.open({ token })
    expect(await codeOfFailure(page.portal.exam())).toBe('no failure')
  })

  it('W17: after twelve hours an exam in use is closed, and two-factor is required again', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token } = await shared(grant, { validity: { kind: 'unlimited' } })
    const page = browser(testRelay.fetch)
    await page.portal.sendOtp({ token })
    await page.portal.open({ token, otp: await sentCode(grant.mobile) })
    expect(new Set(await minutes(page, 25, 28))).toEqual(new Set(['no failure']))
    expect((await page.portal.linkInfo({ token })).gate).toBe('none')
    wait(25)
    expect(await codeOfFailure(page.portal.exam())).toBe('session-ended')
    expect((await page.portal.linkInfo({ token })).gate).toBe('otp')
  })

  it('W17: links that were opened in one browser are open side by side, until each is closed', async () => {
    const [first, second] = [await shared(someRecipient()), await shared(someRecipient())]
    const page = browser(testRelay.fetch)
    await page.portal.open(first)
    const cookie = page.cookie()
    const firstGrant = page.opened()
    await page.portal.open(second)
    expect(page.cookie()).toBe(cookie)
    expect((await page.portal.exam(firstGrant)).grantId).toBe(firstGrant.grantId)
    expect((await page.portal.exam()).grantId).toBe(page.opened().grantId)
    await page.portal.close(firstGrant)
    expect(await codeOfFailure(page.portal.exam(firstGrant))).toBe('link-unknown')
    expect((await page.get('/download')).status).toBe(200)
  })

  it('W17: a browser reaches no grant that was not opened in it', async () => {
    const [mine, other] = [await shared(someRecipient()), await shared(someRecipient())]
    const [page, stranger] = [browser(testRelay.fetch), browser(testRelay.fetch)]
    await page.portal.open(mine)
    await stranger.portal.open(other)
    expect(await codeOfFailure(page.portal.exam(stranger.opened()))).toBe('link-unknown')
    for (const path of ['download', 'dicomweb/studies']) {
      const url = `${PUBLIC_URL}/portal/grants/${stranger.opened().grantId}/${path}`
      expect((await testRelay.fetch(url, { headers: { cookie: page.cookie() } })).status).toBe(404)
    }
  })

  it('X12: a cookie that opened nothing is not taken over', async () => {
    const { token } = await shared(someRecipient())
    const planted = `outpost-grant=${'p'.repeat(43)}`
    const response = await testRelay.fetch(`${PUBLIC_URL}/portal/rpc/open`, {
      method: 'POST',
      headers: { cookie: planted, 'content-type': 'application/json' },
      body: JSON.stringify({ json: { token } }),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('set-cookie')).not.toContain(planted)
  })

  it('W17: of one link at most twenty browsers are open; one more ends the one not used for longest', async () => {
    const { token } = await shared(someRecipient(), { validity: { kind: 'unlimited' } })
    const pages = Array.from({ length: 21 }, () => browser(testRelay.fetch))
    for (const page of pages.slice(0, 20)) await page.portal.open({ token })
    wait(2)
    await pages[0]!.portal.exam()
    await pages[20]!.portal.open({ token })
    const codes = await Promise.all(pages.map((page) => codeOfFailure(page.portal.exam())))
    expect(codes.filter((code) => code === 'link-unknown')).toHaveLength(1)
    expect([codes[0], codes[20]]).toEqual(['no failure', 'no failure'])
  })

  it('W17: nothing below /portal is stored by a browser, refusals neither', async () => {
    const { token } = await shared(someRecipient())
    const page = browser(testRelay.fetch)
    await page.portal.open({ token })
    const paths = ['/download', '/dicomweb/studies', '/dicomweb/studies/1.2/metadata', '/x']
    const rpc = (path: string, method: string) =>
      testRelay.fetch(`${PUBLIC_URL}/portal/rpc/${path}`, {
        method,
        headers: { cookie: page.cookie(), 'content-type': 'application/json' },
        ...(method === 'POST' && { body: '{}' }),
      })
    const answers = [
      ...(await Promise.all(paths.flatMap((path) => [page.get(path), testRelay.fetch(`${PUBLIC_URL}/portal${path}`)]))),
      ...(await Promise.all([rpc('exam', 'POST'), rpc('exam', 'GET'), rpc('nothing', 'POST'), rpc('look', 'POST')])),
    ]
    for (const { url, status, headers } of answers)
      expect(
        [headers.get('cache-control'), headers.get('x-content-type-options'), headers.get('etag')],
        `${url} ${status}`,
      ).toEqual(['no-store', 'nosniff', null])
  })
})

describe('what nobody went on with', () => {
  it('an upload is removed a week after its last byte, but never what a share was confirmed with', async () => {
    const { token } = await shared(someRecipient(), { validity: { kind: 'unlimited' } })
    const unconfirmed = await makePackage(station)
    const { part, sealed } = unconfirmed.files[0]!
    const location =
      (await createUpload(testRelay.fetch, station, unconfirmed.packageId, part)).headers.get('location') ?? ''
    await patchUpload(testRelay.fetch, station, location, 0, sealed.subarray(0, 1000))
    const status = async (): Promise<number> =>
      (await testRelay.fetch(location, { method: 'HEAD', headers: station.headers })).status
    wait(6 * 24 * 60)
    expect([await testRelay.relay.administration.purgeAbandonedUploads(), await status()]).toEqual([0, 200])
    wait(2 * 24 * 60)
    expect([await testRelay.relay.administration.purgeAbandonedUploads(), await status()]).toEqual([1, 404])
    const page = browser(testRelay.fetch)
    await page.portal.open({ token })
    expect((await page.get('/download')).status).toBe(200)
  })
})

describe('two-factor', () => {
  it('U7: the one-time password of the text message opens, and only once', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token } = await shared(grant)
    const page = browser(testRelay.fetch)
    expect(await page.portal.linkInfo({ token })).toMatchObject({
      gate: 'otp',
      triesLeft: 5,
      maskedMobile: `+32 ••• •• ${grant.mobile.slice(-2)}`,
    })
    expect(await codeOfFailure(page.portal.open({ token }))).toBe('otp-expired')
    await page.portal.sendOtp({ token })
    const code = await sentCode(grant.mobile)
    expect(await codeOfFailure(page.portal.open({ token, otp: code === '000000' ? '000001' : '000000' }))).toBe(
      'otp-wrong',
    )
    expect(await codeOfFailure(page.portal.exam())).toBe('link-unknown')
    await page.portal.open({ token, otp: code })
    expect((await page.portal.exam()).recipient).toBe('Zandloper, Mieke (sample)')
    expect(await codeOfFailure(browser(testRelay.fetch).portal.open({ token, otp: code }))).toBe('otp-expired')
    expect((await page.portal.linkInfo({ token })).gate).toBe('none')
  })

  it('U7: a code lives ten minutes, and another can be asked for only after a pause', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token } = await shared(grant)
    const page = browser(testRelay.fetch)
    await page.portal.sendOtp({ token })
    expect(await codeOfFailure(page.portal.sendOtp({ token }))).toBe('too-many-requests')
    const code = await sentCode(grant.mobile)
    wait(10.1)
    expect(await codeOfFailure(page.portal.open({ token, otp: code }))).toBe('otp-expired')
    await page.portal.sendOtp({ token })
    await page.portal.open({ token, otp: await sentCode(grant.mobile, 2) })
  })

  it('U7: who holds a link cannot have text messages sent without end', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token } = await shared(grant)
    const page = browser(testRelay.fetch)
    for (let sent = 0; sent < 6; sent += 1) {
      await page.portal.sendOtp({ token })
      wait(1)
    }
    expect(await codeOfFailure(page.portal.sendOtp({ token }))).toBe('too-many-requests')
    await page.portal.open({ token, otp: await sentCode(grant.mobile, 6) })
    wait(60)
    await page.portal.sendOtp({ token })
    expect(await shownMessages(testRelay.fetch, grant.mobile, 7)).toHaveLength(7)
  })

  it('U7: a relay whose clock is set back sends a new code at once, and takes none from before', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token } = await shared(grant)
    const page = browser(testRelay.fetch)
    for (let sent = 0; sent < 6; sent += 1) {
      await page.portal.sendOtp({ token })
      wait(1)
    }
    wait(-24 * 60)
    const code = await sentCode(grant.mobile, 6)
    expect(await codeOfFailure(page.portal.open({ token, otp: code }))).toBe('otp-expired')
    await page.portal.sendOtp({ token })
    // The newest message is listed last, because the clock says that it was sent first.
    const newest = (await shownMessages(testRelay.fetch, grant.mobile, 7)).at(-1)
    await page.portal.open({ token, otp: /\d{6}/.exec(newest?.body ?? '')?.[0] ?? '' })
    wait(24 * 60)
  })

  it('U8: five wrong ones in a row block, across new codes; unblocking lets the right one in', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token, shareId } = await shared(grant)
    const page = browser(testRelay.fetch)
    await page.portal.sendOtp({ token })
    let code = await sentCode(grant.mobile)
    for (let tries = 0; tries < 3; tries += 1)
      expect(await codeOfFailure(page.portal.open({ token, otp: otherThan(code) }))).toBe('otp-wrong')
    expect((await page.portal.linkInfo({ token })).triesLeft).toBe(2)
    wait(1)
    await page.portal.sendOtp({ token })
    code = await sentCode(grant.mobile, 2)
    expect(await codeOfFailure(page.portal.open({ token, otp: otherThan(code) }))).toBe('otp-wrong')
    expect(await codeOfFailure(page.portal.open({ token, otp: otherThan(code) }))).toBe('blocked')
    expect(await codeOfFailure(page.portal.open({ token, otp: code }))).toBe('blocked')
    expect(await codeOfFailure(page.portal.sendOtp({ token }))).toBe('blocked')
    expect((await page.portal.linkInfo({ token })).gate).toBe('blocked')
    await station.api.unblock({ shareId, recipientId: grant.recipientId, by: 'sample-administrator' })
    wait(1)
    await page.portal.sendOtp({ token })
    await page.portal.open({ token, otp: await sentCode(grant.mobile, 3) })
    expect(await eventsOf(shareId)).toEqual(['notified', 'blocked', 'unblocked', 'opened'])
  })

  it('U8: a right one in between starts the count again', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token } = await shared(grant)
    await browser(testRelay.fetch).portal.sendOtp({ token })
    const code = await sentCode(grant.mobile)
    for (let tries = 0; tries < 4; tries += 1)
      await codeOfFailure(browser(testRelay.fetch).portal.open({ token, otp: otherThan(code) }))
    await browser(testRelay.fetch).portal.open({ token, otp: code })
    expect((await browser(testRelay.fetch).portal.linkInfo({ token })).triesLeft).toBe(5)
  })

  it('U8: of forty guesses at once exactly five are looked at', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token, shareId } = await shared(grant)
    await browser(testRelay.fetch).portal.sendOtp({ token })
    const code = await sentCode(grant.mobile)
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        codeOfFailure(browser(testRelay.fetch).portal.open({ token, otp: otherThan(code) })),
      ),
    )
    expect(answers.filter((answer) => answer === 'otp-wrong')).toHaveLength(4)
    expect(answers.filter((answer) => answer === 'blocked')).toHaveLength(36)
    expect(await codeOfFailure(browser(testRelay.fetch).portal.open({ token, otp: code }))).toBe('blocked')
    expect(await eventsOf(shareId)).toEqual(['notified', 'blocked'])
  })

  it('U8: being blocked ends what another browser had open', async () => {
    const grant = someRecipient({ twoFactor: true })
    const { token } = await shared(grant)
    const inside = browser(testRelay.fetch)
    await inside.portal.sendOtp({ token })
    await inside.portal.open({ token, otp: await sentCode(grant.mobile) })
    wait(1)
    await inside.portal.sendOtp({ token })
    const code = await sentCode(grant.mobile, 2)
    for (let tries = 0; tries < 5; tries += 1)
      await codeOfFailure(browser(testRelay.fetch).portal.open({ token, otp: otherThan(code) }))
    expect(['blocked', 'link-unknown']).toContain(await codeOfFailure(inside.portal.exam()))
  })
})
