/** The values that an entry of an audit log may hold: JSON without numbers that JSON cannot express. */
export type AuditValue =
  | string
  | number
  | boolean
  | null
  | readonly AuditValue[]
  | { readonly [name: string]: AuditValue }
