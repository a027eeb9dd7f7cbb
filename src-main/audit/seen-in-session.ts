/**
 * Audit entries for acts that only read. Each is logged once in a session, however often a page repeats the request
 * (W7).
 */
import type { AuditAction, AuditEntry } from '../../src-core/audit/audit-entry.ts'
import type { Events } from '../ports/services.ts'
import { tenantOf, type SignedIn } from '../staff/session.ts'

export interface SeenInSession {
  /**
   * Records the act in the background. It never waits and never fails, so that the requested data is shown in any case.
   */
  note(who: SignedIn, action: AuditAction, subject: string): void
}

export interface SeenOptions {
  readonly append: (entry: AuditEntry) => Promise<void>
  readonly events: Pick<Events, 'subscribe'>
  readonly now: () => Date
  /** Called when an entry could not be written. */
  readonly onFailure: (error: unknown) => void
}

/** A session begins and ends with an event of type session. */
export function seenInSession({ append, events, now, onFailure }: SeenOptions): SeenInSession {
  const seen = new Set<string>()
  events.subscribe(({ type }) => {
    if (type === 'session') seen.clear()
  })
  return {
    note({ staff, enrolment }, action, subject) {
      const key = `${staff.staffId} ${action} ${subject}`
      if (seen.has(key)) return
      seen.add(key)
      const entry: AuditEntry = {
        at: now().toISOString(),
        actor: { kind: 'staff', id: staff.staffId, name: staff.name },
        ...tenantOf(enrolment),
        action,
        subject,
        detail: {},
      }
      append(entry).catch((error: unknown) => {
        seen.delete(key)
        onFailure(error)
      })
    },
  }
}
