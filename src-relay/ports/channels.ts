/** Ways out of the relay for mails and text messages. */

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

/** One recipient: a name that is no address, and an address that is one (never a list to be parsed). */
export interface MailAddress {
  readonly name: string
  readonly address: string
}

export interface MailMessage {
  readonly messageId: string
  readonly to: MailAddress
  readonly subject: string
  readonly text: string
}
export interface TextMessage {
  readonly messageId: string
  readonly to: string
  readonly text: string
}

/** taken: the next server has it; refused: it never will; later: try again. */
export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'later' }

export interface Channels {
  mail(message: MailMessage): Promise<Outcome>
  text(message: TextMessage): Promise<Outcome>
  close(): void
}
