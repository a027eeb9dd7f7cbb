/** Tests that the relay trusts nothing from a workstation that it can look up in its own records. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConfirmRequest } from '../../src-core/contract/relay.ts'
import { shareOnce, startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  browser,
  codeOfFailure,
  confirmRequest,
  everyNoticeSent,
  makePackage,
  messagesSoFar,
  PUBLIC_URL,
  relayApi,
  shownMessages,
  tokenIn,
  uploadPackage,
  type TestWorkstation,
} from './relay-support.ts'

let testRelay: EnrolledRelay
let station: TestWorkstation

beforeAll(async () => {
  testRelay = await startEnrolledRelay()
  station = testRelay.station
})
afterAll(() => testRelay.close())

const confirm = (changes: Partial<ConfirmRequest> = {}) => shareOnce(testRelay, changes)
const grant = (more: object) => ({
  recipientId: 'sample-02',
  name: 'Chosen Name',
  email: 'attacker@evil.example',
  mobile: '+19005550000',
  language: 'en' as const,
  twoFactor: true,
  right: 'images-read-report' as const,
  ...more,
})

/** Sends a request to a procedure with exactly these bytes. */
const post = (procedure: string, body: string) =>
  testRelay.fetch(`${PUBLIC_URL}/api/${procedure}`, {
    method: 'POST',
    headers: { ...station.headers, 'content-type': 'application/json' },
    body,
  })
const failure = async (response: Response) =>
  ((await response.json()) as { json: { code: string; data: unknown } }).json

describe('recipients', () => {
  it('U3: a recipient that is in no directory of the organisation is refused', async () => {
    expect(await codeOfFailure(confirm({ grants: [grant({ recipientId: 'nobody' })] }))).toBe('recipient-unknown')
  })

  it('U7: mail and one-time password go to the contacts of the directory, not to those of the request', async () => {
    await confirm({ grants: [grant({})] })
    const [mail] = await shownMessages(testRelay.fetch, 'recipient-02@example.org', 1)
    const page = browser(testRelay.fetch)
    const token = tokenIn(mail?.body ?? '')
    expect((await page.portal.linkInfo({ token })).maskedMobile).toBe('+33 ••• •• 02')
    await page.portal.sendOtp({ token })
    expect(await shownMessages(testRelay.fetch, '+33639980002', 1)).toHaveLength(1)
    await everyNoticeSent(testRelay.folder)
    expect(await messagesSoFar(testRelay.fetch, 'attacker@evil.example')).toEqual([])
    expect(mail?.body).toContain('Chapeaurouge')
    expect(mail?.body).not.toContain('Chosen Name')
  })
})

describe('senders', () => {
  it('W18: a sender who is no active staff of the department is refused', async () => {
    expect(await codeOfFailure(confirm({ sender: { staffId: 'no-such-staff', name: 'Prof. Director' } }))).toBe(
      'sender-unknown',
    )
  })

  it('U9: the mail names the sender as the relay knows them', async () => {
    await confirm({
      sender: { staffId: 'sample-physician', name: 'Prof. Director of the Hospital' },
      grants: [grant({ recipientId: 'sample-03', twoFactor: false })],
    })
    const [mail] = await shownMessages(testRelay.fetch, 'recipient-03@example.org', 1)
    expect(mail?.body).toContain('Pim Physician (sample)')
    expect(mail?.body).not.toContain('Director')
  })

  it('W18: who is no staff of the department unblocks and withdraws nothing', async () => {
    const { request } = await confirm()
    const named = { shareId: request.shareId, by: 'Somebody Else' }
    expect(await codeOfFailure(station.api.withdraw(named))).toBe('sender-unknown')
    expect(await codeOfFailure(station.api.unblock({ ...named, recipientId: 'sample-01' }))).toBe('sender-unknown')
  })
})

describe('contacts', () => {
  it('W9: private contacts do not travel to workstations, only what they look like', async () => {
    const { entries } = await station.api.directory({ after: 0, limit: 5000 })
    const entry = entries.find(({ recipientId }) => recipientId === 'sample-02')
    const masked = { email: 'r•••@example.org', mobile: '+33 ••• •• 02' }
    expect(entry).toMatchObject({ ...masked, emailPublic: false })
    expect(entries.find(({ recipientId }) => recipientId === 'sample-01')?.mobile).toBe('+32499990001')
    for (const { email, emailPublic, mobile, mobilePublic } of entries) {
      if (!emailPublic && email !== '') expect(email).toContain('•')
      if (!mobilePublic && mobile !== '') expect(mobile).toContain('•')
    }
  })
})

describe('terms', () => {
  it('S3: a term that the relay does not know is refused by its name, never left out', async () => {
    const testPackage = await makePackage(station)
    await uploadPackage(testRelay.fetch, station, testPackage)
    const request = confirmRequest(testPackage)
    for (const [json, term] of [
      [{ ...request, singleUse: true }, 'singleUse'],
      [{ ...request, grants: [{ ...request.grants[0], linkPassword: 'secret' }] }, 'grants.0.linkPassword'],
      [{ ...request, grants: [{ ...request.grants[0], right: 'images-print' }] }, 'grants.0.right'],
      [{ ...request, validity: { kind: 'until-opened' } }, 'validity.kind'],
    ] as const) {
      const answer = await post('confirm', JSON.stringify({ json }))
      expect(await failure(answer)).toMatchObject({ code: 'relay-outdated', data: { term } })
    }
    expect((await station.api.confirm(request)).shareId).toBe(request.shareId)
  })

  it('S3: a retry by the same bytes repeats the answer; other bytes under the same id are refused', async () => {
    const testPackage = await makePackage(station)
    await uploadPackage(testRelay.fetch, station, testPackage)
    const body = JSON.stringify({ json: confirmRequest(testPackage) })
    const first = await (await post('confirm', body)).text()
    expect(await (await post('confirm', body)).text()).toBe(first)
    const changedBody = JSON.stringify({ json: { ...JSON.parse(body).json, message: 'Another message.' } })
    expect(await failure(await post('confirm', changedBody))).toMatchObject({ code: 'relay-refused' })
  })

  it('S3: a thousand recipients in one request and a message of a megabyte are refused', async () => {
    const testPackage = await makePackage(station)
    for (const more of [
      { grants: Array.from({ length: 1000 }, () => grant({ recipientId: randomUUID() })) },
      { message: 'x'.repeat(1_000_000) },
    ])
      expect(await codeOfFailure(station.api.confirm(confirmRequest(testPackage, more)))).toBe('bad-request')
  })

  it('W18: an enrolment with a term that the relay does not know is refused by its name', async () => {
    const request = { code: 'x', workstationName: 'x', signingKey: 'x', recipient: 'x', attestation: 'x' }
    const refused = relayApi(testRelay.fetch, null).enroll(request as never)
    await expect(refused).rejects.toMatchObject({ code: 'relay-outdated', data: { term: 'attestation' } })
  })
})
