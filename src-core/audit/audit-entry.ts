/** An entry of the audit log of a workstation: who did what, when, and to which share, study and recipient (W7). */
import type { AuditValue } from './audit-value.ts'
import type { RelayAuditEntry } from './relay-entry.ts'

export const AUDIT_ACTIONS = [
  'sign-in',
  'sign-in-refused',
  'sign-out',
  'enrol',
  'share',
  'undo',
  'cancel',
  'failed',
  'delivery',
  'notified',
  'undeliverable',
  'opened',
  'blocked',
  'unblocked',
  'unblock',
  'expired',
  'withdraw',
  'withdrawn',
  'outbox',
  'settings',
  'directory-import',
  'import',
  'view-study',
  'render',
  'deidentify',
  'folder-added',
  'folder-removed',
  'log-read',
  'log-restored',
  'sign-off',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

export interface AuditEntry {
  /** An instant, ISO 8601 in UTC. */
  readonly at: string
  /** The actor: a staff member, a recipient, or the program itself. */
  readonly actor: { readonly kind: 'staff' | 'recipient' | 'program'; readonly id: string; readonly name: string }
  readonly organisationId: string
  readonly departmentId: string
  readonly workstationId: string
  readonly action: AuditAction
  /** The object of the action: the id of a share, else a name. */
  readonly subject: string
  readonly detail: { readonly [name: string]: AuditValue }
}

/**
 * The text of an entry, whose bytes are hashed: JSON without white space, with the keys of every object ordered by
 * their UTF-16 code units (RFC 8785 3.2.3). Equal entries have equal texts.
 */
export function entryText(entry: AuditEntry | RelayAuditEntry): string {
  return JSON.stringify(withOrderedKeys(entry as unknown as AuditValue))
}

function withOrderedKeys(value: AuditValue): AuditValue {
  if (Array.isArray(value)) return value.map(withOrderedKeys)
  if (value === null || typeof value !== 'object') return value
  const source = value as { readonly [name: string]: AuditValue }
  return Object.fromEntries(
    Object.keys(source)
      .sort()
      .map((name) => [name, withOrderedKeys(source[name] as AuditValue)]),
  )
}
