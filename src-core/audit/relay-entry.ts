/**
 * One entry of the relay's own audit log. It identifies people, shares and workstations by their ids, and contains no
 * names, no contacts and no exam data. A person who may know more looks up the id.
 */
import type { FeedEvent } from '../contract/relay.ts'
import type { AuditValue } from './audit-value.ts'

/** The events that the feed reports to workstations, and actions that only concern the relay. */
export type RelayAction =
  | FeedEvent['type']
  | 'started'
  | 'enrol'
  | 'enrol-refused'
  | 'enrolment-code'
  | 'revoke'
  | 'department'
  | 'confirm'
  | 'code-sent'
  | 'code-not-sent'
  | 'code-wrong'
  | 'opened-again'
  | 'downloaded'
  | 'log-inconsistent'
  | 'log-restored'

export interface RelayActor {
  readonly kind: 'staff' | 'recipient' | 'workstation' | 'administrator' | 'program'
  /** The id of the actor; for an administrator it is the user of the operating system. */
  readonly id: string
}

export interface RelayAuditEntry {
  /** Instant, ISO 8601 in UTC. */
  readonly at: string
  readonly actor: RelayActor
  readonly action: RelayAction
  /** An id is absent where the entry concerns none of its kind. */
  readonly organisationId?: string
  readonly departmentId?: string
  readonly workstationId?: string
  readonly shareId?: string
  readonly recipientId?: string
  /** Codes, numbers and ids only. */
  readonly detail: { readonly [name: string]: AuditValue }
}
