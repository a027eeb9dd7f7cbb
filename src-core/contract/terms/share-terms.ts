/** The terms of a share as types and schemas, which are derived from the table. */
import { z } from 'zod'
import { TERMS, type TermName, type Terms, type TermsWith, type TermTable } from './table.ts'
import { REFUSED, type AnyTerm, type TermTraits } from './term.ts'

/** The names of the terms whose descriptor fulfils the condition, in the order of the table. */
export function termNames<Name extends TermName>(fulfils: (term: AnyTerm) => boolean): readonly Name[] {
  const table: TermTable = TERMS
  return Object.keys(TERMS).filter((name) => fulfils(table[name]!)) as Name[]
}

type ShapeOf<Name extends TermName> = { [Each in Name]: Terms[Each]['schema'] }

/** The schemas of these terms by their names, for an object that has more fields. */
const shapeOf = <Name extends TermName>(names: readonly Name[], change = ({ schema }: AnyTerm): z.ZodType => schema) =>
  Object.fromEntries(names.map((name) => [name, change(TERMS[name] as AnyTerm)])) as ShapeOf<Name>

const whenAbsent = ({ schema, earlier = schema, whenAbsent: value }: AnyTerm): z.ZodType =>
  value === REFUSED ? earlier : earlier.default(value as never)

/**
 * Terms in a record or a request of another version. A missing term gets the value that protects most; where there is
 * no such value, the record is refused. Unknown terms are ignored.
 */
export const earlierTerms = <Name extends TermName>(names: readonly Name[]) => z.object(shapeOf(names, whenAbsent))

/** All terms that the sender sets. A term that the workstation does not know is refused, never ignored. */
export const ShareTerms = z.strictObject(shapeOf(Object.keys(TERMS) as TermName[]))
export type ShareTerms = z.infer<typeof ShareTerms>

/** The terms as the ledger stores them, which may be of an earlier version. */
export const StoredTerms = earlierTerms(Object.keys(TERMS) as TermName[])

/** The names of the terms that leave the workstation. */
export type SharedTermName = TermsWith<{ readonly audience: 'relay' }> | TermsWith<{ readonly audience: 'recipient' }>
export type SharedTerms = Pick<ShareTerms, SharedTermName>
export const SHARED_TERMS = termNames<SharedTermName>(({ audience }) => audience !== 'workstation')

/** The terms that leave the workstation and are not part of protocol version 2; see docs/protocol.md. */
export const LATER_TERMS = termNames<SharedTermName>(
  ({ audience, addedLater }) => audience !== 'workstation' && addedLater !== undefined,
)
/** The later terms in a request, each under its own name. */
export const LaterTerms = z.strictObject(shapeOf(LATER_TERMS, ({ schema }) => schema.optional())).partial()
/** The capabilities that this program states because it knows these terms. */
export const TERM_CAPABILITIES = LATER_TERMS.flatMap((name) => (TERMS[name] as AnyTerm).addedLater?.capability ?? [])

type OfShare = { readonly perRecipient: false; readonly secret: false }
type RelayTermName = TermsWith<OfShare & { readonly audience: 'relay' }> | RecipientTermName

/**
 * The terms that the relay stores unencrypted with a share. Secret terms are sealed, and terms per recipient are in the
 * grants.
 */
export const RelayTerms = earlierTerms(
  termNames<RelayTermName>(
    ({ audience, perRecipient, secret }) => audience !== 'workstation' && !perRecipient && !secret,
  ),
)
export type RelayTerms = z.infer<typeof RelayTerms>

/** The terms that the relay stores only sealed. */
export type SealedTermName = Extract<TermsWith<{ readonly secret: true; readonly perRecipient: false }>, SharedTermName>
export const SealedTerms = earlierTerms(
  termNames<SealedTermName>(
    ({ audience, perRecipient, secret }) => audience !== 'workstation' && !perRecipient && secret,
  ),
)

/** The terms of the share that the recipient's page gets. */
export type RecipientTermName = TermsWith<OfShare & { readonly audience: 'recipient' }>
export const RecipientTerms = z.object(
  shapeOf(
    termNames<RecipientTermName>(
      ({ audience, perRecipient, secret }) => audience === 'recipient' && !perRecipient && !secret,
    ),
  ),
)

/** The terms that are shown in one place. */
export type TermsShownIn<Place extends TermTraits['shownIn'][number]> = {
  [Name in TermName]: Place extends Terms[Name]['shownIn'][number] ? Name : never
}[TermName]
export const TERMS_IN_HISTORY = termNames<TermsShownIn<'history'>>(({ shownIn }) => shownIn.includes('history'))
export const TERM_NAMES_IN_CONFIRMATION = termNames<TermsShownIn<'confirmation'>>(({ shownIn }) =>
  shownIn.includes('confirmation'),
)
export const TERM_NAMES_IN_MAIL = termNames<TermsShownIn<'mail'>>(({ shownIn }) => shownIn.includes('mail'))
