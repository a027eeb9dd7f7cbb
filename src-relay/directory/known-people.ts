/** Sender and recipients of a request as the relay's own records have them: a workstation only says which. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { type StaffView } from '../../src-core/contract/shares.ts'
import { mayDo, type StaffAction } from '../../src-core/permissions/staff-actions.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { Database } from '../ports/database.ts'

/**
 * The member of staff who acts.
 * @param reference the staff id; workstations of protocol version 1 state the name when they withdraw or unblock
 * @error sender-unknown no such active staff of this department, or two of that name; not-allowed by their role
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
  const named = members.filter(({ name }) => name === reference)
  const member = members.find(({ staffId }) => staffId === reference) ?? (named.length === 1 ? named[0] : undefined)
  if (member === undefined) throw new OutpostError('sender-unknown')
  if (!mayDo(member.role, action)) throw new OutpostError('not-allowed', { action })
  return member
}

/** A workstation that calls, with the way to the member of its staff who acts, checked for the procedure's action. */
export interface ActingWorkstation extends Workstation {
  /** @error sender-unknown, not-allowed */
  actingStaff(db: Database, reference: string): Promise<StaffView>
}

/** The entries of the organisation's directory, by their ids. @error recipient-unknown not there, or removed */
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
  const known = new Map(rows.map((row) => [row.recipient_id, storedEntry(row.entry)]))
  const unknown = recipientIds.find((recipientId) => !known.has(recipientId))
  if (unknown !== undefined) throw new OutpostError('recipient-unknown', { recipientId: unknown })
  return known
}

/** An entry stored before addresses were checked: a contact that is no single address counts as none. */
export function storedEntry(entry: DirectoryEntry): DirectoryEntry {
  const { email, mobile } = DirectoryEntry.shape
  return {
    ...entry,
    email: email.safeParse(entry.email).data ?? '',
    mobile: mobile.safeParse(entry.mobile).data ?? '',
  }
}
