/**
 * Schemas of the JSON in rows of ledger.db. Rows of every earlier version must be readable: a field that was added
 * later has a default, and no default weakens a protection.
 */
import { z } from 'zod'
import { Language } from '../../src-core/contract/identifiers.ts'
import { cutText } from '../../src-core/contract/bounded.ts'
import { ListedEntry } from '../../src-core/contract/recipients.ts'
import { OrganisationState, WitnessState } from '../../src-core/contract/relay.ts'

/** The enrolment without its secret, without its staff, who have their own table, and without the relay's address. */
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

/**
 * A recipient of a share. Names that an earlier version stored at full length are cut, so that no share becomes
 * unreadable.
 */
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

/** The relay's last answer about the heads that it keeps, and the workstation that it concerns. */
export const StoredWitnessState = WitnessState.extend({ workstationId: z.string(), askedAt: z.string() })
export type StoredWitnessState = Readonly<z.infer<typeof StoredWitnessState>>

/**
 * An audit entry for reading. Its action may be any text, so that an entry of a newer version does not hide the log.
 * The proof of the log uses the text of the entries and does not need this schema.
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

/** Preferences of a staff member at this workstation. A value that this version does not know counts as not chosen. */
export const StaffPreferences = z.object({
  colorScheme: z.enum(['dark', 'light', 'auto']).optional().catch(undefined),
  language: Language.optional().catch(undefined),
  glovesMode: z.boolean().optional().catch(undefined),
  /** The last choices in the share panel (U20). */
  'share.twoFactor': z.boolean().optional().catch(undefined),
  'share.sendMail': z.boolean().optional().catch(undefined),
})
export type StaffPreferences = z.infer<typeof StaffPreferences>
