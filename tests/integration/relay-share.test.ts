import { randomUUID } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WRONG_PER_PERSON } from '../../src-relay/directory/sign-in.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CORRELATION_HEADER } from '../../src-engine/correlation.ts'
import { shareOnce, startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  browser,
  codeOfFailure,
  confirmRequest,
  enrolWorkstation,
  everyNoticeSent,
  feedEvents,
  makePackage,
  messagesSoFar,
  PUBLIC_URL,
  RECIPIENT,
  shownMessages,
  someRecipient,
  tokenIn,
  uploadPackage,
  type TestWorkstation,
} from './relay-support.ts'

let testRelay: EnrolledRelay
let station: TestWorkstation
let clock = () => new Date()

beforeAll(async () => {
  testRelay = await startEnrolledRelay({ config: { now: () => clock() }, code: 'radi olog 0001' })
  station = testRelay.station
})

afterAll(() => testRelay.close())

const deliver = (changes: Parameters<typeof confirmRequest>[1] = {}) => shareOnce(testRelay, changes)

describe('enrolment', () => {
  it('a code enrols once, and tells policy, staff and keys', async () => {
    expect(station.enrolment.organisation.name).toBe('Sample Hospital (demonstration)')
    expect(station.enrolment.staff).toHaveLength(3)
    expect(JSON.stringify(station.enrolment)).not.toContain('$argon2')
    expect(station.enrolment.relayRecipient).toMatch(/^age1/)
    expect(await codeOfFailure(enrolWorkstation(testRelay.fetch, 'RADI-OLOG-0001'))).toBe('wrong-enrolment-code')
    expect(await codeOfFailure(enrolWorkstation(testRelay.fetch, 'NOPE-NOPE-0001'))).toBe('wrong-enrolment-code')
  })

  it('W8, W9: staff sign in by a password that only the relay can check; guesses are counted first', async () => {
    const [first, second] = station.enrolment.staff.map(({ staffId }) => staffId) as [string, string]
    const tryIn = (staffId: string, password: string) => codeOfFailure(station.api.signIn({ staffId, password }))
    expect(await station.api.signIn({ staffId: first, password: 'sample' })).toEqual({ ok: true })
    expect(await tryIn(first, 'wrong')).toBe('wrong-credentials')
    expect(await tryIn('nobody', 'sample')).toBe('wrong-credentials')
    expect(await station.api.signIn({ staffId: first, password: 'sample' })).toEqual({ ok: true })
    const codes = await Promise.all(Array.from({ length: 14 }, (_, guess) => tryIn(first, `guess ${guess}`)))
    expect(codes.filter((code) => code === 'wrong-credentials')).toHaveLength(WRONG_PER_PERSON)
    expect(codes.filter((code) => code === 'too-many-requests')).toHaveLength(14 - WRONG_PER_PERSON)
    expect(await tryIn(first, 'sample')).toBe('too-many-requests')
    expect(await station.api.signIn({ staffId: second, password: 'sample' })).toEqual({ ok: true })
    expect(JSON.stringify(await station.api.organisation())).not.toContain('$argon2')
  })

  it('the token of no enrolment is answered like a revoked one', async () => {
    for (const authorization of ['', `Bearer ${'A'.repeat(43)}`]) {
      const response = await testRelay.fetch(`${PUBLIC_URL}/feed`, { headers: { authorization } })
      expect([response.status, await response.json()]).toEqual([401, { code: 'revoked' }])
    }
  })

  it('S8: the directory comes by revision, whole', async () => {
    const first = await station.api.directory({ after: 0, limit: 5000 })
    expect(first.entries.filter(({ recipientId }) => recipientId.startsWith('sample-'))).toHaveLength(40)
    expect(first.more).toBe(false)
    const next = await station.api.directory({ after: first.revision, limit: 5000 })
    expect(next).toEqual({ revision: first.revision, entries: [], removed: [], more: false })
  })
})

describe('confirm', () => {
  it('S4: the receipt names every part as the relay holds it', async () => {
    const { request, receipt } = await deliver()
    expect(receipt.parts).toEqual(request.parts)
    expect(receipt.grants.map((grant) => grant.recipientId)).toEqual(['sample-01'])
  })

  it('S3: the same share again gets the same answer, and no second mail', async () => {
    const grant = someRecipient()
    const testPackage = await makePackage(station)
    await uploadPackage(testRelay.fetch, station, testPackage)
    const request = confirmRequest(testPackage, { grants: [grant] })
    const answers = await Promise.all([1, 2, 3, 4].map(() => station.api.confirm(request)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(JSON.stringify(await station.api.confirm(request))).toBe(JSON.stringify(answers[0]))
    await everyNoticeSent(testRelay.folder)
    expect(await messagesSoFar(testRelay.fetch, grant.email)).toHaveLength(1)
    expect(await codeOfFailure(station.api.confirm({ ...request, message: 'Another one' }))).toBe('relay-refused')
  })

  it('S4: a share whose parts are not all here is refused', async () => {
    const testPackage = await makePackage(station)
    expect(await codeOfFailure(station.api.confirm(confirmRequest(testPackage)))).toBe('upload-not-found')
  })

  it('S4: a part that changed on the disk is found, and is sent again', async () => {
    const testPackage = await makePackage(station)
    await uploadPackage(testRelay.fetch, station, testPackage)
    const objects = join(testRelay.folder, 'objects')
    const images = testPackage.files[0]!.sealed
    for (const name of await readdir(objects, { recursive: true })) {
      const bytes = await readFile(join(objects, name)).catch(() => null)
      if (bytes === null || !bytes.equals(images)) continue
      bytes[bytes.length >> 1]! ^= 1
      await writeFile(join(objects, name), bytes)
    }
    const request = confirmRequest(testPackage)
    expect(await codeOfFailure(station.api.confirm(request))).toBe('checksum-mismatch')
    await uploadPackage(testRelay.fetch, station, testPackage)
    expect((await station.api.confirm(request)).shareId).toBe(request.shareId)
  })

  it('a manifest that the workstation did not sign, or another one, is refused', async () => {
    const testPackage = await makePackage(station)
    await uploadPackage(testRelay.fetch, station, testPackage)
    const request = confirmRequest(testPackage)
    expect(await codeOfFailure(station.api.confirm({ ...request, manifestSha256: '0'.repeat(64) }))).toBe(
      'manifest-signature-wrong',
    )
    const other = await makePackage(station)
    expect(
      await codeOfFailure(
        station.api.confirm({
          ...request,
          manifestSha256: other.confirm.manifestSha256,
          signature: other.confirm.signature,
        }),
      ),
    ).toBe('package-damaged')
    expect(await codeOfFailure(station.api.confirm({ ...request, accountSlot: other.confirm.accountSlot }))).toBe(
      'package-damaged',
    )
  })

  it('U13: a period starts at delivery, unlimited never ends, and a past day fails with that reason', async () => {
    clock = () => new Date('2026-01-31T12:00:00Z')
    try {
      expect((await deliver({ validity: { kind: 'period', unit: 'month', count: 1 } })).receipt.expiresAt).toBe(
        '2026-02-28T22:59:59.999Z',
      )
      expect((await deliver({ validity: { kind: 'until', day: '2026-01-31' } })).receipt.expiresAt).toBe(
        '2026-01-31T22:59:59.999Z',
      )
      expect((await deliver({ validity: { kind: 'unlimited' } })).receipt.expiresAt).toBeNull()
      expect(await codeOfFailure(deliver({ validity: { kind: 'until', day: '2026-01-30' } }))).toBe(
        'expired-before-delivery',
      )
    } finally {
      clock = () => new Date()
    }
  })

  it('U25: a package that is here is shared again without uploading it again', async () => {
    const { testPackage } = await deliver()
    const again = await station.api.confirm(
      confirmRequest(testPackage, { grants: [{ ...RECIPIENT, recipientId: 'sample-02' }] }),
    )
    expect(again.packageId).toBe(testPackage.packageId)
  })

  it('X1: neither database nor objects hold a name of what was shared', async () => {
    const secret = `Unmistakable${randomUUID().slice(0, 8)}`
    await deliver({
      message: secret,
      exams: [{ initials: secret, description: secret, date: '20261120', instances: 1 }],
      sendMail: false,
    })
    for (const folder of ['objects', 'relay']) {
      for (const name of await readdir(join(testRelay.folder, folder), { recursive: true })) {
        const bytes = await readFile(join(testRelay.folder, folder, name)).catch(() => null)
        expect(bytes?.includes(secret) ?? false, name).toBe(false)
      }
    }
  })
})

describe('mail', () => {
  it('U9, U16, U19: the mail says that, by whom, which exam, the link and the message', async () => {
    const grant = someRecipient()
    await deliver({ urgent: true, grants: [grant] })
    const [mail] = await shownMessages(testRelay.fetch, grant.email, 1)
    expect(mail?.subject).toMatch(/urgent/i)
    for (const part of [
      'Tess Technologist',
      'D. J.',
      'CT thorax',
      'Please compare with last year.',
      `${PUBLIC_URL}/s/`,
    ])
      expect(mail?.body).toContain(part)
  })
})

describe('other workstations', () => {
  it('another department, another organisation and a revoked workstation see and end nothing', async () => {
    const { request } = await deliver()
    for (const code of ['CARD-IOLO-0001', 'EXAM-PLEC-0001']) {
      const other = await enrolWorkstation(testRelay.fetch, code)
      expect(await codeOfFailure(other.api.withdraw({ shareId: request.shareId, by: 'x' }))).toBe('share-not-found')
      expect(
        await codeOfFailure(other.api.unblock({ shareId: request.shareId, recipientId: 'sample-01', by: 'x' })),
      ).toBe('share-not-found')
      expect(await codeOfFailure(other.api.confirm({ ...request, shareId: randomUUID() }))).toBe('relay-refused')
      expect(await codeOfFailure(other.api.confirm(request))).toBe('relay-refused')
      expect((await feedEvents(testRelay.fetch, other)).filter((event) => event.shareId !== null)).toEqual([])
    }
    const lost = await enrolWorkstation(testRelay.fetch, 'RADI-OLOG-0002')
    expect((await lost.api.organisation()).staff).toHaveLength(3)
    await station.api.withdraw({ shareId: (await deliver()).request.shareId, by: 'sample-technologist' })
    expect((await feedEvents(testRelay.fetch, station)).some((event) => event.type === 'withdrawn')).toBe(true)
    expect((await feedEvents(testRelay.fetch, lost)).filter((event) => event.shareId !== null)).toEqual([])
    await testRelay.relay.administration.revokeWorkstation(lost.enrolment.workstation.workstationId)
    expect(await codeOfFailure(lost.api.organisation())).toBe('revoked')
    expect(await codeOfFailure(lost.api.withdraw({ shareId: request.shareId, by: 'x' }))).toBe('revoked')
    expect((await testRelay.fetch(`${PUBLIC_URL}/uploads`, { method: 'POST', headers: lost.headers })).status).toBe(401)
  })
})

describe('the link', () => {
  it('opens for its recipient, shows the message, and ends with the withdrawal at once', async () => {
    const grant = someRecipient()
    const { request } = await deliver({ grants: [grant] })
    const [mail] = await shownMessages(testRelay.fetch, grant.email, 1)
    const token = tokenIn(mail?.body ?? '')
    const page = browser(testRelay.fetch)
    expect(await page.portal.linkInfo({ token })).toMatchObject({
      gate: 'none',
      sender: 'Tess Technologist (sample)',
      organisation: 'Sample Hospital (demonstration)',
    })
    expect(await codeOfFailure(page.portal.exam())).toBe('link-unknown')
    await page.portal.open({ token })
    expect(await page.portal.exam()).toMatchObject({
      message: 'Please compare with last year.',
      recipient: 'Zandloper, Mieke (sample)',
      hasReport: false,
    })
    const download = await page.get('/download')
    expect((await download.arrayBuffer()).byteLength).toBe(Number(download.headers.get('content-length')))
    await station.api.withdraw({ shareId: request.shareId, by: 'sample-technologist' })
    expect(await codeOfFailure(page.portal.exam())).toBe('link-unknown')
    expect(await codeOfFailure(page.portal.linkInfo({ token }))).toBe('link-unknown')
    expect((await page.get('/download')).status).toBe(404)
    const response = await testRelay.fetch(`${PUBLIC_URL}/s/${token}`)
    const unknown = await testRelay.fetch(`${PUBLIC_URL}/s/${'x'.repeat(43)}`)
    // The correlation id differs in all answers, and says nothing of the link.
    for (const { headers } of [response, unknown]) headers.delete(CORRELATION_HEADER)
    expect([response.status, await response.text(), [...response.headers]]).toEqual([
      unknown.status,
      await unknown.text(),
      [...unknown.headers],
    ])
    expect(response.status).toBe(404)
  })
})
