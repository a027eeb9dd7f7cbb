/** The interfaces and settings of channels, by which notices leave the relay. */

export interface SmtpSettings {
  readonly host: string
  readonly port: number
  readonly secure?: boolean
  readonly user?: string
  readonly password?: string
  readonly from: string
}

/**
 * An HTTP gateway for text messages. Each message is one POST of JSON {to, text, id}. A 2xx answer means that the
 * gateway took the message; a 4xx answer other than 408 and 429 is a final refusal.
 */
export interface TextGateway {
  readonly url: string
  readonly token?: string
}

/** One recipient. The address is exactly one mail address or telephone number, never a list. */
export interface NoticeAddress {
  readonly name: string
  readonly address: string
}

export interface NoticeMessage {
  readonly messageId: string
  readonly to: NoticeAddress
  /** Empty for kinds of notices without a subject. */
  readonly subject: string
  readonly text: string
}

/** taken: the next server has accepted the message; refused: it never will; later: the message is to be tried again. */
export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'later' }

/** A channel that is ready to send. */
export interface OpenChannel {
  send(message: NoticeMessage): Promise<Outcome>
  close(): void
}
