/** Looks up senders and recipients in the relay's own records: a workstation sends their ids only. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { type StaffView } from '../../src-core/contract/shares.ts'
import { mayDo, type StaffAction } from '../../src-core/permissions/staff-actions.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { Database } from '../ports/database.ts'

/**
 * Finds the member of staff who acts, and checks that the role of the member allows the action.
 * @param reference the staff id; workstations of protocol version 1 send the name when they withdraw or unblock
 * @error sender-unknown the department has no such active member, or two of that name
 * @error not-allowed
 */
export async function actingStaff(
  db: Database,
  departmentId: string,
  reference: string,
  action: StaffAction,
): Promise<StaffView> {
  const members = await db
    .selectFrom('staff')
    .select(['staff_id as staffId', 'name', 'role'])
    .where('department_id', '=', departmentId)
    .where('active', '=', true)
    .where((expression) => expression.or([expression('staff_id', '=', reference), expression('name', '=', reference)]))
    .execute()
  const membersOfThatName = members.filter(({ name }) => name === reference)
  const member =
    members.find(({ staffId }) => staffId === reference) ??
    (membersOfThatName.length === 1 ? membersOfThatName[0] : undefined)
  if (member === undefined) throw new OutpostError('sender-unknown')
  if (!mayDo(member.role, action)) throw new OutpostError('not-allowed', { action })
  return member
}

/** The calling workstation, with a function that finds the acting member of staff and checks the procedure's action. */
export interface ActingWorkstation extends Workstation {
  /** @error sender-unknown, not-allowed */
  actingStaff(db: Database, reference: string): Promise<StaffView>
}

/**
 * Finds entries of the organisation's directory by their ids.
 * @error recipient-unknown an entry is absent or removed
 */
export async function knownRecipients(
  db: Database,
  organisationId: string,
  recipientIds: readonly string[],
): Promise<Map<string, DirectoryEntry>> {
  const rows = await db
    .selectFrom('directory_entry')
    .select(['recipient_id', 'entry'])
    .where('organisation_id', '=', organisationId)
    .where('recipient_id', 'in', recipientIds)
    .where('removed', '=', false)
    .execute()
  const entries = new Map(rows.map((row) => [row.recipient_id, storedEntry(row.entry)]))
  const unknown = recipientIds.find((recipientId) => !entries.has(recipientId))
  if (unknown !== undefined) throw new OutpostError('recipient-unknown', { recipientId: unknown })
  return entries
}

/**
 * Reads a stored entry. Earlier versions did not check addresses: a contact that is no single address becomes empty.
 */
export function storedEntry(entry: DirectoryEntry): DirectoryEntry {
  const { email, mobile } = DirectoryEntry.shape
  return {
    ...entry,
    email: email.safeParse(entry.email).data ?? '',
    mobile: mobile.safeParse(entry.mobile).data ?? '',
  }
}
