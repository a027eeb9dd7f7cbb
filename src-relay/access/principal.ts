/**
 * Who asks for a grant. Today it is a browser in which links were opened; an account, a code or a portal will hold grants
 * in the same way.
 */
export interface Principal {
  readonly kind: 'browser'
  /** The value of its cookie; null when it has none. */
  readonly session: string | null
}
