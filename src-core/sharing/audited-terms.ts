/** Selects the terms of a share that the audit log records, as their descriptors allow. */
import type { AuditValue } from '../audit/audit-value.ts'
import { TERMS, type TermTable } from '../contract/terms/table.ts'

/** Whether there is a value: a text that is not blank, a list that is not empty, or a choice that was made. */
function isPresent(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== ''
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== false
}

/**
 * The recorded terms. A term that the table does not have is left out. For a secret term only its presence is recorded.
 * @returns the values by the names of the terms; `hasMessage` and similar names for presence
 */
export function auditedTerms(
  terms: Readonly<Record<string, unknown>>,
  table: TermTable = TERMS,
): Record<string, AuditValue> {
  const entries = Object.entries(table).flatMap(([name, { audited, secret }]): [string, AuditValue][] => {
    const value = terms[name]
    if (audited === false) return []
    if (secret || audited === 'presence')
      return [[`has${name.charAt(0).toUpperCase()}${name.slice(1)}`, isPresent(value)]]
    return value === undefined ? [] : [[name, value as AuditValue]]
  })
  return Object.fromEntries(entries)
}
