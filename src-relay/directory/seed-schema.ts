/**
 * The schema of the seed file, which defines the organisations of a relay. It is applied at every start. It adds and
 * changes organisations, departments, staff and directories, and never removes shares.
 */
import { z } from 'zod'
import { Id, Language } from '../../src-core/contract/identifiers.ts'
import { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { StaffView } from '../../src-core/contract/shares.ts'
import { SharePolicy } from '../../src-core/contract/terms.ts'

const SeedStaff = StaffView.extend({
  language: Language.nullable().default(null),
  /** The password in clear, which is hashed when it is stored. passwordHash is the Argon2id hash in its place. */
  password: z.string().min(1).optional(),
  passwordHash: z.string().startsWith('$argon2id$').optional(),
}).refine(
  (staff) => (staff.password === undefined) !== (staff.passwordHash === undefined),
  'exactly one of password and passwordHash',
)

const SeedDepartment = z.object({
  departmentId: Id,
  name: z.string().min(1),
  policy: SharePolicy,
  staff: z.array(SeedStaff).default([]),
  /** One-time codes that workstations enrol with. */
  enrolmentCodes: z.array(z.string().min(8)).default([]),
})

const SeedOrganisation = z.object({
  organisationId: Id,
  name: z.string().min(1),
  /**
   * The age recipient of the organisation key, as `outpost organisation-key` prints it. Only a demonstration may leave
   * it out.
   */
  recipient: z.string().startsWith('age1').optional(),
  departments: z.array(SeedDepartment).min(1),
  /**
   * The recipients: listed here, or in a CSV file or FHIR R4 bundle beside the seed file (X9). A recipient who is no
   * longer listed is removed.
   */
  directory: z.union([z.object({ entries: z.array(DirectoryEntry) }), z.object({ file: z.string() })]).optional(),
})

export const Seed = z.object({ organisations: z.array(SeedOrganisation).min(1) })
export type Seed = z.infer<typeof Seed>
export type SeedOrganisation = z.infer<typeof SeedOrganisation>
export type SeedDepartment = z.infer<typeof SeedDepartment>
