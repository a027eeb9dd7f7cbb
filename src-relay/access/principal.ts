/**
 * The caller who uses grants. Today this is always a browser in which links were opened. Other kinds, such as an
 * account, can be added here without a change of the callers.
 */
export interface Principal {
  readonly kind: 'browser'
  /** The value of the browser's session cookie; null when it has none. */
  readonly session: string | null
}
