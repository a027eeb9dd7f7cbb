import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DirectoryEntry } from '../contract/recipients.ts'
import { isMasked, maskEmail, maskMobile, withoutPrivateContacts } from './contacts.ts'
import { readDirectory } from '../../src-engine/directory/read-directory.ts'

const entry = { recipientId: 'r', kind: 'user', familyName: 'Sample' }

describe('contacts', () => {
  it('U7: a number is shown so that only its owner knows it', () => {
    expect(maskMobile('+32499990012')).toBe('+32 ••• •• 12')
    expect([maskMobile(''), maskMobile('+1234')]).toEqual(['', ''])
  })

  it('W9: a private contact becomes a mask, once and for all; a public one and none stay', () => {
    const email = fc.constantFrom('', 'someone@example.org', 'a@b.example')
    const mobile = fc.constantFrom('', '+32499990012', '+491529990003')
    fc.assert(
      fc.property(email, fc.boolean(), mobile, fc.boolean(), (email, emailPublic, mobile, mobilePublic) => {
        const whole = DirectoryEntry.parse({ ...entry, email, emailPublic, mobile, mobilePublic })
        const kept = withoutPrivateContacts(whole)
        expect(withoutPrivateContacts(kept)).toEqual(kept)
        for (const [before, after, isPublic] of [
          [email, kept.email, emailPublic],
          [mobile, kept.mobile, mobilePublic],
        ] as const) {
          expect(after === '').toBe(before === '')
          expect(isMasked(after)).toBe(before !== '' && !isPublic)
          if (isPublic) expect(after).toBe(before)
        }
      }),
    )
    expect(maskEmail('someone@example.org')).toBe('s•••@example.org')
  })

  it.each([
    'one@example.org, two@evil.example',
    'one@example.org;two@evil.example',
    'one@example.org two@evil.example',
    'c@example.org\r\nBcc: bcc@evil.example',
    'Name <one@example.org>',
    'one@example.org\n',
    `${'x'.repeat(300)}@example.org`,
    'group: one@example.org, two@evil.example;',
  ])('U9: a field for one address takes no other (%j)', (email) => {
    expect(DirectoryEntry.safeParse({ ...entry, email }).success).toBe(false)
    const csv = readDirectory(`id;name;email\nr;Sample;"${email}"\n`)
    expect(csv.entries.map((read) => read.email).filter((read) => read !== 'one@example.org')).toEqual([])
    const fhir = readDirectory(
      JSON.stringify({
        resourceType: 'Bundle',
        entry: [
          {
            resource: {
              resourceType: 'Practitioner',
              id: 'p',
              name: [{ family: 'Sample' }],
              telecom: [{ system: 'email', value: email }],
            },
          },
        ],
      }),
    )
    expect(fhir.entries.map((read) => read.email)).toEqual([''])
  })

  it.each(['+1900PREMIUM', '0499990012', '+32 499 99', '+32499990012,+32499990013', '+3249999001234567'])(
    'U7: a number that is no single number in international form is refused (%j)',
    (mobile) => expect(DirectoryEntry.safeParse({ ...entry, mobile }).success).toBe(false),
  )

  it('A4: a row or a resource with a field that is too long is left out and named, and the others stay', () => {
    const csv = readDirectory(`id;name;city\nr;Sample;Town\ns;Other;${'x'.repeat(500)}\n`)
    expect([csv.entries.length, csv.skipped]).toEqual([1, [{ place: 'line 3', field: 'city' }]])
    const person = (id: string, family: string) => ({
      resource: { resourceType: 'Practitioner', id, name: [{ family }] },
    })
    const fhir = readDirectory(
      JSON.stringify({ resourceType: 'Bundle', entry: [person('p', 'Sample'), person('q', 'x'.repeat(500))] }),
    )
    expect([fhir.entries.length, fhir.skipped.length]).toEqual([1, 1])
  })
})
