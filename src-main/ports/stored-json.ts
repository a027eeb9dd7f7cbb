/**
 * What rows of ledger.db hold as JSON, as this version reads them. Rows of every earlier version must be read: a field
 * that a version added later has a default, and no default loosens a protection.
 */
import { z } from 'zod'
import { Language } from '../../src-core/contract/identifiers.ts'
import { cutText } from '../../src-core/contract/bounded.ts'
import { ListedEntry } from '../../src-core/contract/recipients.ts'
import { OrganisationState, WitnessState } from '../../src-core/contract/relay.ts'

/** The enrolment without its secret, without staff, who have a table of their own, and without the relay's address. */
export const StoredEnrolment = z.object({
  organisation: z.object({ organisationId: z.string(), name: z.string() }),
  department: z.object({ departmentId: z.string(), name: z.string() }),
  workstation: z.object({ workstationId: z.string(), name: z.string() }),
  relayRecipient: z.string(),
  organisationRecipient: z.string(),
  policy: OrganisationState.shape.policy,
  protocol: OrganisationState.shape.protocol,
  demonstration: z.boolean().default(false),
})

/** A recipient of a share. Names that an earlier version took at any length are cut, so that no share is hidden. */
export const StoredRecipient = ListedEntry.extend({
  familyName: cutText(200),
  givenName: cutText(200).default(''),
  prefix: cutText(200).default(''),
  specialty: cutText(200).default(''),
  organisation: cutText(200).default(''),
  city: cutText(200).default(''),
  numbers: ListedEntry.shape.numbers.catch([]),
  email: cutText(300).default(''),
  mobile: cutText(40).default(''),
})

/** What the relay said last of the heads that it keeps, and to which workstation. */
export const KeptWitness = WitnessState.extend({ workstationId: z.string(), askedAt: z.string() })
export type KeptWitness = Readonly<z.infer<typeof KeptWitness>>

/**
 * An entry of the audit log for reading. The action is any text, so that one entry of a newer version does not hide the
 * log; the proof of the log is over the text of the entries and does not need this.
 */
export const StoredEntry = z.object({
  at: z.string(),
  actor: z.object({ kind: z.enum(['staff', 'recipient', 'program']), id: z.string(), name: z.string() }),
  organisationId: z.string(),
  departmentId: z.string(),
  workstationId: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.json()).default({}),
})
export type StoredEntry = Readonly<z.infer<typeof StoredEntry>>

/** What a member of staff prefers at this workstation. A choice that this version does not know counts as none. */
export const StaffPreferences = z.object({
  colorScheme: z.enum(['dark', 'light', 'auto']).optional().catch(undefined),
  language: Language.optional().catch(undefined),
  glovesMode: z.boolean().optional().catch(undefined),
  /** The last choices of the share panel (U20). */
  'share.twoFactor': z.boolean().optional().catch(undefined),
  'share.sendMail': z.boolean().optional().catch(undefined),
})
export type StaffPreferences = z.infer<typeof StaffPreferences>
