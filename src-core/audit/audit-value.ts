/** What an entry of either audit log may hold: JSON without numbers that JSON cannot write. */
export type AuditValue =
  | string
  | number
  | boolean
  | null
  | readonly AuditValue[]
  | { readonly [name: string]: AuditValue }
