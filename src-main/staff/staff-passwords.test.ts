import { describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { SecretStore } from '../ports/host.ts'
import type { KnownEnrolment } from '../storage/ledger/staff-repository.ts'
import { staffPasswords } from './staff-passwords.ts'

const enrolment = { relayUrl: 'https://relay.example.org' } as KnownEnrolment

/** A relay whose answer the test sets, and a sealed file for secrets. */
function station() {
  const secrets = new Map([['enrolment-token', 'token']])
  const relay = { answer: 'right' as 'right' | 'offline' | 'wrong-credentials' | 'too-many-requests' | 'not-found' }
  const asked: unknown[] = []
  const fetch = (async (input: Request) => {
    asked.push(await new Request(input).json())
    if (relay.answer === 'offline') throw new TypeError('fetch failed')
    if (relay.answer === 'right') return Response.json({ json: { ok: true } })
    // An earlier relay has no such procedure.
    if (relay.answer === 'not-found') return Response.json({ code: 'not-found' }, { status: 404 })
    const json = { defined: false, code: relay.answer, status: 403, message: relay.answer, data: {} }
    return Response.json({ json }, { status: 403 })
  }) as typeof globalThis.fetch
  const store = {
    get: async (name: string) => secrets.get(name) ?? null,
    set: async (name: string, value: string) => void secrets.set(name, value),
    remove: async (name: string) => void secrets.delete(name),
  } as unknown as SecretStore
  return { relay, secrets, asked, passwords: staffPasswords({ secrets: store, fetch }) }
}

describe('W8, W9: passwords of staff', () => {
  it('W8: who signed in here once with a connection can without one; who did not is told why not', async () => {
    const { relay, passwords } = station()
    relay.answer = 'offline'
    await expect(passwords.fits('tess', 'right password', enrolment)).rejects.toMatchObject({
      code: 'sign-in-needs-relay',
    })
    relay.answer = 'right'
    expect(await passwords.fits('tess', 'right password', enrolment)).toBe(true)
    relay.answer = 'offline'
    expect(await passwords.fits('tess', 'right password', enrolment)).toBe(true)
    expect(await passwords.fits('tess', 'wrong password', enrolment)).toBe(false)
    await expect(passwords.fits('ada', 'right password', enrolment)).rejects.toMatchObject({
      code: 'sign-in-needs-relay',
    })
  })

  it('W9: what is kept is dear to guess, is of that person alone, and goes when they leave', async () => {
    const { secrets, passwords } = station()
    await passwords.fits('tess', 'right password', enrolment)
    expect([...secrets.keys()]).toEqual(['enrolment-token', 'sign-in tess'])
    expect(secrets.get('sign-in tess')).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/)
    await passwords.forget('tess')
    expect([...secrets.keys()]).toEqual(['enrolment-token'])
  })

  it('W8: a changed password counts once the relay is reached, and the stored verifier follows', async () => {
    const { relay, passwords } = station()
    await passwords.fits('tess', 'old password', enrolment)
    relay.answer = 'wrong-credentials'
    expect(await passwords.fits('tess', 'old password', enrolment)).toBe(false)
    relay.answer = 'right'
    expect(await passwords.fits('tess', 'new password', enrolment)).toBe(true)
    relay.answer = 'offline'
    expect(await passwords.fits('tess', 'old password', enrolment)).toBe(false)
    expect(await passwords.fits('tess', 'new password', enrolment)).toBe(true)
  })

  it('W8: too many wrong ones at the relay are refused here too, also for who signed in before', async () => {
    const { relay, passwords } = station()
    await passwords.fits('tess', 'right password', enrolment)
    relay.answer = 'too-many-requests'
    await expect(passwords.fits('tess', 'right password', enrolment)).rejects.toBeInstanceOf(OutpostError)
  })

  it('W8: a relay that cannot check passwords yet is named; who signed in before goes on', async () => {
    const { relay, passwords } = station()
    await passwords.fits('tess', 'right password', enrolment)
    relay.answer = 'not-found'
    expect(await passwords.fits('tess', 'right password', enrolment)).toBe(true)
    await expect(passwords.fits('ada', 'right password', enrolment)).rejects.toMatchObject({ code: 'relay-outdated' })
  })
})
