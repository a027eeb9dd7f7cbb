/** The descriptor of a term of a share. Every program derives from it how it handles the term. */
import type { z } from 'zod'
import type { ErrorCode } from '../errors.ts'
import type { SharePolicy } from '../terms.ts'

/** The facts about a recipient that rules need. */
export interface RecipientFacts {
  readonly recipientId: string
  readonly hasMobile: boolean
  readonly hasEmail: boolean
  /** Whether this recipient enters a one-time password under the checked terms. */
  readonly asksOneTimePassword: boolean
}

export interface TermFacts {
  /** The current day in the time zone of the department, YYYY-MM-DD. */
  readonly today: string
  readonly recipients: readonly RecipientFacts[]
}

export interface TermRefusal {
  readonly code: ErrorCode
  /** The recipient whom the refusal concerns; null when it concerns the share. */
  readonly recipientId: string | null
}

/** How a term is given on the command line. */
export interface TermFlag {
  readonly name: string
  /** `switch`: only `--name`; `on-off`: also `--no-name`; `text`: `--name` with a value. */
  readonly form: 'switch' | 'on-off' | 'text'
  /** The value of a `text` flag that the usage line shows. */
  readonly hint?: string
  /** Converts the text to a value, which the schema then checks. */
  readonly read?: (text: string) => unknown
}

/** The traits of a term as literal types, so that lists of terms are types too. */
export interface TermTraits {
  /** Who gets the value: only the workstation, the relay too, or the relay and the recipient's page. */
  readonly audience: 'workstation' | 'relay' | 'recipient'
  /** A secret value is stored only sealed, and is in no log or list. */
  readonly secret: boolean
  /** Whether the relay decides the term for each recipient and stores it in the recipient's grant. */
  readonly perRecipient: boolean
  /** What the audit log of the workstation records: nothing, the value, or only whether there is one. */
  readonly audited: false | 'value' | 'presence'
  /** Where the term is shown. Its words are in the catalogs, under its name. */
  readonly shownIn: readonly ('history' | 'confirmation' | 'mail')[]
}

/** Used in place of a value: a request or a record without the term is refused. */
export const REFUSED = Symbol('refused')

export interface TermBehaviour<Value> {
  /**
   * The value in a new draft. The policy never refuses it.
   * @param last the last choice of this staff member; undefined when there is none
   */
  default(policy: SharePolicy, last: Value | undefined): Value
  /** The value of a request or a record without the term: the one that protects most. */
  readonly whenAbsent: Value | typeof REFUSED
  /** Reads a value that an earlier version stored and that the schema refuses today; absent: the schema reads it. */
  readonly earlier?: z.ZodType<Value>
  /**
   * Orders values by how much they protect the patient; a larger number is safer. Absent: all values protect equally.
   */
  protection?(value: Value): number
  /** The refusals of a value; absent: the value is never refused. */
  refusals?(value: Value, policy: SharePolicy, facts: TermFacts): TermRefusal[]
  readonly flag: TermFlag | null
  /**
   * For a term that was added after protocol version 2: the capability of relays that know it, and the value that a
   * share has at a relay that does not.
   */
  readonly addedLater?: { readonly capability: `term-${string}`; readonly valueWithout: Value }
}

export type Term<Schema extends z.ZodType, Traits extends TermTraits> = { readonly schema: Schema } & Traits &
  TermBehaviour<z.output<Schema>>

/** A term of any type, for code that handles all terms. */
export type AnyTerm = { readonly schema: z.ZodType } & TermTraits & TermBehaviour<unknown>

export const defineTerm = <Schema extends z.ZodType, const Traits extends TermTraits>(
  schema: Schema,
  traits: Traits,
  behaviour: TermBehaviour<z.output<Schema>>,
): Term<Schema, Traits> => ({ schema, ...traits, ...behaviour })

/** A refusal that concerns the whole share. */
export const refusal = (code: ErrorCode): TermRefusal => ({ code, recipientId: null })
