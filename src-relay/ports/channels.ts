/** Ways out of the relay for notices. */

export interface SmtpSettings {
  readonly host: string
  readonly port: number
  readonly secure?: boolean
  readonly user?: string
  readonly password?: string
  readonly from: string
}

/**
 * An HTTP gateway: one POST of JSON {to, text, id} per message; 2xx is taken, another 4xx than 408 and 429 is final.
 */
export interface TextGateway {
  readonly url: string
  readonly token?: string
}

/** One recipient: a name that is no address, and an address or number that is one (never a list to be parsed). */
export interface NoticeAddress {
  readonly name: string
  readonly address: string
}

export interface NoticeMessage {
  readonly messageId: string
  readonly to: NoticeAddress
  /** Empty where the kind of notice has none. */
  readonly subject: string
  readonly text: string
}

/** taken: the next server has it; refused: it never will; later: try again. */
export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'later' }

/** A channel that is ready to send. */
export interface OpenChannel {
  send(message: NoticeMessage): Promise<Outcome>
  close(): void
}
