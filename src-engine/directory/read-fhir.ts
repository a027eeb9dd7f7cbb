/** Reads directory entries from a FHIR R4 bundle of Practitioner, PractitionerRole and Organization (X9). */
import { z } from 'zod'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { Language } from '../../src-core/contract/identifiers.ts'
import { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { internationalNumber } from '../../src-core/directory/phone-number.ts'
import type { DirectoryFile } from './read-csv.ts'

const Coding = z.object({ system: z.string().optional(), code: z.string().optional(), display: z.string().optional() })
const Concept = z.object({ coding: z.array(Coding).optional(), text: z.string().optional() })
const Telecom = z.object({
  system: z.string().optional(),
  value: z.string().optional(),
  use: z.string().optional(),
  rank: z.number().optional(),
})
const Reference = z.object({ reference: z.string().optional() })
const HumanName = z.object({
  use: z.string().optional(),
  family: z.string().optional(),
  given: z.array(z.string()).optional(),
  prefix: z.array(z.string()).optional(),
  text: z.string().optional(),
})
const Identifier = z.object({ system: z.string().optional(), value: z.string().optional(), type: Concept.optional() })
const base = {
  id: z.string().optional(),
  active: z.boolean().optional(),
  identifier: z.array(Identifier).optional(),
  telecom: z.array(Telecom).optional(),
}
const Practitioner = z.object({
  ...base,
  resourceType: z.literal('Practitioner'),
  name: z.array(HumanName).optional(),
  address: z.array(z.object({ city: z.string().optional() })).optional(),
  communication: z.array(Concept).optional(),
})
const Role = z.object({
  ...base,
  resourceType: z.literal('PractitionerRole'),
  practitioner: Reference.optional(),
  organization: Reference.optional(),
  specialty: z.array(Concept).optional(),
})
const Organization = z.object({
  ...base,
  resourceType: z.literal('Organization'),
  name: z.string().optional(),
  type: z.array(Concept).optional(),
  address: z.array(z.object({ city: z.string().optional() })).optional(),
})
const Bundle = z.object({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.object({ fullUrl: z.string().optional(), resource: z.unknown() })),
})

type Telecom = z.infer<typeof Telecom>
type Concept = z.infer<typeof Concept>

/**
 * Systems of identifiers with the names that users know. Other systems are named by their type, or by the last part of
 * their address.
 */
const SYSTEM_NAMES: readonly (readonly [RegExp, string])[] = [
  [/nihdi|riziv|inami/i, 'RIZIV'],
  [/us-npi$/i, 'NPI'],
  [/\/big$|2\.16\.528\.1\.1007\.5\.1/i, 'BIG'],
  [/agb/i, 'AGB'],
  [/rpps|1\.2\.250\.1\.71\.4\.2\.1/i, 'RPPS'],
  [/insee/i, 'INSEE'],
  [/hin\b/i, 'HIN'],
  [/ucgn/i, 'UCGN'],
  [/pnb/i, 'PNB'],
  [/2\.51\.1\.3|gln/i, 'GLN'],
]

/**
 * Reads a bundle. FHIR does not state which contacts may be shown. Contacts of a role or an organization, and a
 * person's own contacts with use `work`, are public. Other contacts of a person are used for notices only.
 * @error directory-file-unreadable when the JSON is not a bundle
 */
export function readDirectoryFhir(json: unknown): DirectoryFile {
  const bundle = Bundle.safeParse(json)
  if (!bundle.success) throw new OutpostError('directory-file-unreadable')
  const skipped: { place: string; field: string }[] = []
  const people = new Map<string, z.infer<typeof Practitioner>>()
  const organisations = new Map<string, z.infer<typeof Organization>>()
  const roles: z.infer<typeof Role>[] = []
  bundle.data.entry.forEach(({ fullUrl, resource }, index) => {
    const parsed = z.discriminatedUnion('resourceType', [Practitioner, Role, Organization]).safeParse(resource)
    if (!parsed.success)
      return void skipped.push({ place: `entry ${index}`, field: String(parsed.error.issues[0]?.path[0] ?? '') })
    const foundResource = parsed.data
    if (foundResource.active === false) return
    const names = [fullUrl, foundResource.id ? `${foundResource.resourceType}/${foundResource.id}` : undefined].filter(
      (name) => name !== undefined,
    )
    if (names.length === 0 && foundResource.resourceType !== 'PractitionerRole')
      return void skipped.push({ place: `entry ${index}`, field: 'id' })
    if (foundResource.resourceType === 'Practitioner') for (const name of names) people.set(name, foundResource)
    else if (foundResource.resourceType === 'Organization')
      for (const name of names) organisations.set(name, foundResource)
    else roles.push(foundResource)
  })
  const entries: DirectoryEntry[] = []
  const addEntry = (candidate: object | null, place: string): void => {
    const parsed = DirectoryEntry.safeParse(candidate)
    if (parsed.success) entries.push(parsed.data)
    else skipped.push({ place, field: String(parsed.error.issues[0]?.path[0] ?? 'name') })
  }
  for (const person of new Set(people.values())) {
    const rolesOfPerson = roles.filter(
      (role) => role.practitioner?.reference && people.get(role.practitioner.reference) === person,
    )
    const entry = personEntry(person, rolesOfPerson, (reference) => organisations.get(reference))
    addEntry(entry, `Practitioner ${person.id ?? ''}`.trim())
  }
  for (const organisation of new Set(organisations.values())) {
    if (!organisation.name || !organisation.id) continue
    const contacts = bestContacts([], organisation.telecom ?? [])
    const isDepartment =
      organisation.type?.some((type) => type.coding?.some((coding) => coding.code === 'dept')) ?? false
    addEntry(
      {
        recipientId: `organization-${organisation.id}`,
        kind: isDepartment ? 'department' : 'group',
        familyName: organisation.name,
        city: organisation.address?.[0]?.city ?? '',
        numbers: numbersOf(organisation.identifier),
        ...contacts,
      },
      `Organization ${organisation.id}`,
    )
  }
  return { entries, skipped }
}

function personEntry(
  person: z.infer<typeof Practitioner>,
  roles: readonly z.infer<typeof Role>[],
  organisationOf: (reference: string) => z.infer<typeof Organization> | undefined,
): z.input<typeof DirectoryEntry> | null {
  const name = person.name?.find((candidate) => candidate.use === 'official') ?? person.name?.[0]
  const familyName = name?.family ?? name?.text ?? ''
  if (familyName === '' || !person.id) return null
  const organisation = roles
    .map((role) => organisationOf(role.organization?.reference ?? ''))
    .find((candidate) => candidate !== undefined)
  const specialty =
    roles
      .flatMap((role) => role.specialty ?? [])
      .map(conceptText)
      .find((text) => text !== '') ?? ''
  const language = person.communication
    ?.flatMap((concept) => concept.coding ?? [])
    .map((coding) => Language.safeParse(coding.code?.toLowerCase().slice(0, 2)))
    .find((parsed) => parsed.success)?.data
  return {
    recipientId: person.id,
    kind: 'user',
    familyName,
    givenName: name?.given?.join(' ') ?? '',
    prefix: name?.prefix?.join(' ') ?? '',
    specialty,
    organisation: organisation?.name ?? '',
    city: organisation?.address?.[0]?.city ?? person.address?.[0]?.city ?? '',
    numbers: numbersOf([...(person.identifier ?? []), ...roles.flatMap((role) => role.identifier ?? [])]),
    language: language ?? null,
    ...bestContacts(
      person.telecom ?? [],
      roles.flatMap((role) => role.telecom ?? []),
    ),
  }
}

const isEmail = (text: string): boolean => text !== '' && DirectoryEntry.shape.email.safeParse(text).success

/** The first usable contact of each kind; public contacts have priority. */
function bestContacts(personal: readonly Telecom[], published: readonly Telecom[]) {
  const all = [
    ...published.map((telecom) => ({ ...telecom, public: true })),
    ...personal.map((telecom) => ({ ...telecom, public: telecom.use === 'work' })),
  ]
    .filter((telecom) => telecom.use !== 'old')
    .toSorted((left, right) => Number(right.public) - Number(left.public) || (left.rank ?? 99) - (right.rank ?? 99))
  const email = all.find((telecom) => telecom.system === 'email' && isEmail(telecom.value ?? ''))
  const mobile = all.find(
    (telecom) =>
      (telecom.system === 'sms' || (telecom.system === 'phone' && telecom.use === 'mobile')) &&
      internationalNumber(telecom.value ?? '') !== '',
  )
  return {
    email: email?.value ?? '',
    emailPublic: email?.public ?? false,
    mobile: internationalNumber(mobile?.value ?? ''),
    mobilePublic: mobile?.public ?? false,
  }
}

function numbersOf(identifiers: readonly z.infer<typeof Identifier>[] = []) {
  return identifiers.flatMap(({ system = '', value = '', type }) => {
    if (value === '') return []
    const knownName = SYSTEM_NAMES.find(([pattern]) => pattern.test(system))?.[1]
    return [
      {
        system:
          knownName ?? ((type && conceptText(type)) || (system.split(/[/:]/).findLast((piece) => piece !== '') ?? '')),
        value,
      },
    ]
  })
}

function conceptText(concept: Concept): string {
  return concept.text ?? concept.coding?.find((coding) => coding.display)?.display ?? concept.coding?.[0]?.code ?? ''
}
