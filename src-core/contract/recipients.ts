/**
 * Schemas of directory entries: as the relay stores them, as they are sent to workstations, and as a page may see them.
 */
import { z } from 'zod'
import { cutText, Name, text } from './bounded.ts'
import { Language } from './identifiers.ts'

/** A professional number and its system, by the name that users know. */
export const ProfessionalNumber = z.object({ system: Name, value: Name })

/** The id of a recipient in the directory of an organisation. */
export const RecipientId = z.string().min(1).max(200)

/**
 * One address (RFC 5321 allows 254 characters), or none. Several addresses in one field are refused, because a mail
 * would be sent to all of them.
 */
const Email = z.union([z.literal(''), z.email().max(254)])
/** A number in international form, + and digits (ITU-T E.164), or none. */
const Mobile = z.union([
  z.literal(''),
  z
    .string()
    .max(16)
    .regex(/^\+[1-9]\d{6,14}$/),
])

/** A directory entry as the relay stores it, with the contacts to which notices are sent. */
export const DirectoryEntry = z.object({
  recipientId: RecipientId,
  kind: z.enum(['user', 'group', 'department']),
  familyName: Name,
  givenName: Name.default(''),
  prefix: Name.default(''),
  specialty: Name.default(''),
  organisation: Name.default(''),
  city: Name.default(''),
  numbers: z.array(ProfessionalNumber).max(100).default([]),
  email: Email.default(''),
  emailPublic: z.boolean().default(false),
  mobile: Mobile.default(''),
  mobilePublic: z.boolean().default(false),
  language: Language.nullable().default(null),
  /** The entry with the larger rank is first among equal matches. */
  rank: z.number().int().default(0),
})
export type DirectoryEntry = z.infer<typeof DirectoryEntry>

/** A directory entry as it is sent to workstations. A contact that is not public is masked. */
export const ListedEntry = DirectoryEntry.extend({
  email: text(300).default(''),
  mobile: text(40).default(''),
  language: Language.nullable().default(null).catch(null),
})

/** A directory entry as the page may see it. */
export const RecipientView = z.object({
  recipientId: RecipientId,
  kind: z.enum(['user', 'group', 'department']),
  name: cutText(1000),
  specialty: Name,
  organisation: Name,
  city: Name,
  numbers: z.array(ProfessionalNumber).max(100),
  /** Empty unless the contact is public. */
  email: text(300),
  mobile: text(40),
  hasEmail: z.boolean(),
  hasMobile: z.boolean(),
  language: Language.nullable(),
  favourite: z.boolean(),
})
export type RecipientView = z.infer<typeof RecipientView>
