/**
 * What the relay's own audit log says of one act. It names people, shares and workstations by their ids, and holds
 * neither names nor contacts nor anything of an examination: whoever may know more finds it by the id.
 */
import type { AuditValue } from './audit-entry.ts'

export type RelayAction =
  | 'enrol'
  | 'enrol-refused'
  | 'enrolment-code'
  | 'revoke'
  | 'settings'
  | 'confirm'
  | 'withdraw'
  | 'expired'
  | 'unblock'
  | 'notified'
  | 'undeliverable'
  | 'code-sent'
  | 'code-wrong'
  | 'blocked'
  | 'opened'
  | 'downloaded'
  | 'log-inconsistent'
  | 'log-restored'
  | 'log-read'

export interface RelayAuditEntry {
  /** Instant, ISO 8601 in UTC. */
  readonly at: string
  readonly actor: {
    readonly kind: 'staff' | 'recipient' | 'workstation' | 'administrator' | 'program'
    /** Of an administrator: the operating system's user. */
    readonly id: string
  }
  readonly action: RelayAction
  /** Absent where none of that kind is concerned. */
  readonly organisationId?: string
  readonly departmentId?: string
  readonly workstationId?: string
  readonly shareId?: string
  readonly recipientId?: string
  /** Codes, numbers and ids. */
  readonly detail: { readonly [name: string]: AuditValue }
}
