import { describe, expect, it } from 'vitest'
import { readDirectory } from './read-directory.ts'

describe('X9: CSV', () => {
  it('X9: reads names, numbers, contacts and what is public', () => {
    const { entries, skipped } = readDirectory(
      '\uFEFFLast name;First name;RIZIV;E-mail;Email public;Mobile;Language;Rank\r\n' +
        'Sample;"Ruth ""R"" ";1-23;ruth@example.org;yes;0032 470 11 22 33;NL-be;7\r\n\r\n' +
        ';Nameless;2;;;;;\r\nSample;"a;b";3;;;0470 11;xx;\r\n',
    )
    expect(entries).toEqual([
      {
        recipientId: 'RIZIV:1-23',
        kind: 'user',
        familyName: 'Sample',
        givenName: 'Ruth "R"',
        prefix: '',
        specialty: '',
        organisation: '',
        city: '',
        numbers: [{ system: 'RIZIV', value: '1-23' }],
        email: 'ruth@example.org',
        emailPublic: true,
        mobile: '+32470112233',
        mobilePublic: false,
        language: 'nl',
        rank: 7,
      },
    ])
    expect(skipped).toEqual([
      { place: 'line 4', field: 'familyName' },
      { place: 'line 5', field: 'language' },
    ])
  })

  it('X9: several numbers in one column', () => {
    expect(readDirectory('id,name,numbers\n7,Sample,"BIG:99|NPI: 123"').entries[0]?.numbers).toEqual([
      { system: 'BIG', value: '99' },
      { system: 'NPI', value: '123' },
    ])
  })

  it('X9: a row is named by the line it begins on, also after empty rows and cells of several lines', () => {
    const { entries, skipped } = readDirectory('\uFEFFid;name\r\n\r\n"7\r\n8";\r\n9;"Sam ""S"" ple"\r\n10;')
    expect(entries.map(({ familyName }) => familyName)).toEqual(['Sam "S" ple'])
    expect(skipped.map(({ place }) => place)).toEqual(['line 3', 'line 6'])
  })

  it.each(['name\n"Sample', '', 'just text', 'a,b\n1,2', 'name\n', '{', '{"resourceType":"Patient"}'])(
    'a file that is no directory is refused: %j',
    (text) => expect(() => readDirectory(text)).toThrow('directory-file-unreadable'),
  )
})

describe('X9: FHIR R4', () => {
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      {
        fullUrl: 'urn:uuid:1',
        resource: {
          resourceType: 'Practitioner',
          id: 'p1',
          identifier: [
            { system: 'https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/nihdi', value: '11234567890' },
            { system: 'http://hl7.org/fhir/sid/us-npi', value: '99' },
          ],
          name: [{ use: 'official', family: 'Sample', given: ['Ruth', 'M'], prefix: ['Dr.'] }],
          telecom: [
            { system: 'email', value: 'private@example.org', use: 'home' },
            { system: 'phone', use: 'mobile', value: '+32 470 11 22 33' },
          ],
          communication: [{ coding: [{ code: 'fr-BE' }] }],
        },
      },
      {
        fullUrl: 'urn:uuid:2',
        resource: { resourceType: 'Organization', id: 'o1', name: 'Sample Clinic', address: [{ city: 'Sampletown' }] },
      },
      {
        resource: {
          resourceType: 'PractitionerRole',
          practitioner: { reference: 'urn:uuid:1' },
          organization: { reference: 'Organization/o1' },
          specialty: [{ text: 'Radiology' }],
          telecom: [{ system: 'email', value: 'work@example.org' }],
        },
      },
      { resource: { resourceType: 'Practitioner', id: 'gone', active: false, name: [{ family: 'Gone' }] } },
      { resource: { resourceType: 'Practitioner', id: 'p2' } },
      { resource: { resourceType: 'Patient', id: 'x' } },
    ],
  }

  it('X9: joins person, role and organisation; only published contacts are public', () => {
    const { entries, skipped } = readDirectory(JSON.stringify(bundle))
    expect(entries.map((entry) => entry.recipientId)).toEqual(['p1', 'organization-o1'])
    expect(entries[0]).toMatchObject({
      familyName: 'Sample',
      givenName: 'Ruth M',
      prefix: 'Dr.',
      specialty: 'Radiology',
      organisation: 'Sample Clinic',
      city: 'Sampletown',
      language: 'fr',
      numbers: [
        { system: 'RIZIV', value: '11234567890' },
        { system: 'NPI', value: '99' },
      ],
      email: 'work@example.org',
      emailPublic: true,
      mobile: '+32470112233',
      mobilePublic: false,
    })
    expect(skipped.map((each) => each.field)).toEqual(['resourceType', 'name'])
  })
})
