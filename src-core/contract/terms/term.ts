/** What a descriptor of a term of a share says: every program derives what it does with the term from it. */
import type { z } from 'zod'
import type { ErrorCode } from '../errors.ts'
import type { SharePolicy } from '../terms.ts'

/** What a rule needs to know of a recipient. */
export interface RecipientFacts {
  readonly recipientId: string
  readonly hasMobile: boolean
  readonly hasEmail: boolean
  /** Whether this recipient types a one-time password under the terms that are checked. */
  readonly asksOneTimePassword: boolean
}

export interface TermFacts {
  /** The day in the time zone of the department, YYYY-MM-DD. */
  readonly today: string
  readonly recipients: readonly RecipientFacts[]
}

export interface TermRefusal {
  readonly code: ErrorCode
  /** Whom the refusal is about; null when it is about the share. */
  readonly recipientId: string | null
}

/** How the command line takes a term. */
export interface TermFlag {
  readonly name: string
  /** `switch`: only `--name`; `on-off`: also `--no-name`; `text`: `--name` with a value. */
  readonly form: 'switch' | 'on-off' | 'text'
  /** What the usage line shows as the value of a `text` flag. */
  readonly hint?: string
  /** Turns the typed text into a value, which the schema then checks. */
  readonly read?: (text: string) => unknown
}

/** What the compiler knows of a term by name, so that lists of terms are types, too. */
export interface TermTraits {
  /** Who gets the value: nobody but the workstation, the relay as well, or the relay and the recipient's page. */
  readonly audience: 'workstation' | 'relay' | 'recipient'
  /** A secret value is stored only sealed, and no log or list holds it. */
  readonly secret: boolean
  /** Whether the relay settles the term for each recipient, and keeps it with the recipient's grant. */
  readonly perRecipient: boolean
  /** What the audit log of the workstation holds: nothing, the value, or only whether there is one. */
  readonly audited: false | 'value' | 'presence'
  /** Where people read the term. Its words are in the catalogs, under its name. */
  readonly shownIn: readonly ('history' | 'confirmation' | 'mail')[]
}

/** Stands in place of a value: a request or a record without the term is refused. */
export const REFUSED = Symbol('refused')

export interface TermBehaviour<Value> {
  /**
   * What a new draft begins with: never what the policy refuses.
   * @param last what this staff member chose last; undefined: nothing yet
   */
  default(policy: SharePolicy, last: Value | undefined): Value
  /** What a request or a record without the term means: the value that protects most. */
  readonly whenAbsent: Value | typeof REFUSED
  /** Reads a value that an earlier version stored and that the schema refuses today; absent: the schema reads it. */
  readonly earlier?: z.ZodType<Value>
  /** Orders values by how much they protect the patient: more is safer. Absent: no value protects more than another. */
  protection?(value: Value): number
  /** What stands against the value; absent: nothing ever does. */
  refusals?(value: Value, policy: SharePolicy, facts: TermFacts): TermRefusal[]
  readonly flag: TermFlag | null
  /**
   * Of a term that was added after protocol version 2: the capability of relays that know it, and the value that a
   * share has at a relay that does not.
   */
  readonly addedLater?: { readonly capability: `term-${string}`; readonly valueWithout: Value }
}

export type Term<Schema extends z.ZodType, Traits extends TermTraits> = { readonly schema: Schema } & Traits &
  TermBehaviour<z.output<Schema>>

/** A term of any type, for what goes through all of them. */
export type AnyTerm = { readonly schema: z.ZodType } & TermTraits & TermBehaviour<unknown>

export const defineTerm = <Schema extends z.ZodType, const Traits extends TermTraits>(
  schema: Schema,
  traits: Traits,
  behaviour: TermBehaviour<z.output<Schema>>,
): Term<Schema, Traits> => ({ schema, ...traits, ...behaviour })

/** The refusal of a share as a whole. */
export const refusal = (code: ErrorCode): TermRefusal => ({ code, recipientId: null })
