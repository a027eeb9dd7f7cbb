/** What the audit log says of one act: who, when, what, to which share, study and recipient (W7). */
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
  /** Instant, ISO 8601 in UTC. */
  readonly at: string
  /** Who acted: a staff member, a recipient, or the program itself when it acted on its own. */
  readonly actor: { readonly kind: 'staff' | 'recipient' | 'program'; readonly id: string; readonly name: string }
  readonly organisationId: string
  readonly departmentId: string
  readonly workstationId: string
  readonly action: AuditAction
  /** What it was done to: a share's id, else the name of the thing. */
  readonly subject: string
  readonly detail: { readonly [name: string]: AuditValue }
}

/**
 * The bytes that are hashed, as text: JSON with the keys of every object in order of their UTF-16 code units (RFC 8785
 * 3.2.3), without
 * white space. The same entry always gives the same text.
 */
export function entryText(entry: AuditEntry | RelayAuditEntry): string {
  return JSON.stringify(ordered(entry as unknown as AuditValue))
}

function ordered(value: AuditValue): AuditValue {
  if (Array.isArray(value)) return value.map(ordered)
  if (value === null || typeof value !== 'object') return value
  const source = value as { readonly [name: string]: AuditValue }
  return Object.fromEntries(
    Object.keys(source)
      .sort()
      .map((name) => [name, ordered(source[name] as AuditValue)]),
  )
}
