/** Procedures of the group audit: reading and verifying the log. */
import type { AuditEntryView } from '../../../src-core/contract/shares.ts'
import { verifyLog } from '../../audit/verify-log.ts'
import type { StoredAuditEntry } from '../../storage/ledger/audit-log.ts'
import type { KnownEnrolment } from '../../storage/ledger/staff-repository.ts'
import { signedIn } from '../rpc-context.ts'

/** An audit entry for the page, with the names of our own organisation and department in place of their ids. */
export function auditView(
  { index, entry, leafHash }: StoredAuditEntry,
  { organisation, department }: KnownEnrolment,
): AuditEntryView {
  const { at, actor, action, subject, detail } = entry
  return {
    index,
    at,
    actor: actor.name,
    action,
    subject,
    leafHash,
    detail: { ...detail },
    organisation: entry.organisationId === organisation.organisationId ? organisation.name : entry.organisationId,
    department: entry.departmentId === department.departmentId ? department.name : entry.departmentId,
  }
}

export const auditProcedures = {
  list: signedIn.audit.list.handler(async ({ input, context: { services, who } }) => {
    services.seen.note(who, 'log-read', 'audit')
    const { total, rows } = await services.storage.audit.list(input.offset, input.limit)
    return { total, rows: rows.map((row) => auditView(row, who.enrolment)) }
  }),
  verify: signedIn.audit.verify.handler(({ context: { services } }) => verifyLog(services)),
}
