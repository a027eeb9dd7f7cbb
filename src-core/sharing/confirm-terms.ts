/**
 * The terms of a share as the confirm request states them. The terms of protocol version 2 have fields of their own,
 * which do not change any more; each term that was added later stands in `terms` under its own name.
 */
import { OutpostError } from '../contract/errors.ts'
import { canDo, type Protocol } from '../contract/protocol.ts'
import type { ConfirmRequest } from '../contract/relay.ts'
import type { Validity } from '../contract/terms.ts'
import { earlierTerms, LATER_TERMS, type SharedTerms } from '../contract/terms/share-terms.ts'
import { TERMS, type TermTable } from '../contract/terms/table.ts'
import { SHARE_KINDS } from './kinds/share-kinds.ts'

type StatedTerms = Pick<
  ConfirmRequest,
  'validity' | 'urgent' | 'anonymized' | 'furtherSharing' | 'sendMail' | 'message' | 'terms'
>

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/**
 * The terms that were added after protocol version 2, for a relay that knows them. One that the relay does not know is
 * left out where its value is what a share has there anyway.
 * @error relay-outdated with the term that the relay does not know
 */
export function laterTerms(
  terms: Readonly<Record<string, unknown>>,
  relay: Protocol,
  table: TermTable = TERMS,
): Record<string, unknown> {
  const stated = Object.entries(table).flatMap(([name, { addedLater, audience }]) => {
    if (addedLater === undefined || audience === 'workstation') return []
    if (canDo(relay, addedLater.capability)) return [[name, terms[name]]]
    if (same(terms[name], addedLater.valueWithout)) return []
    throw new OutpostError('relay-outdated', { term: name })
  })
  return Object.fromEntries(stated) as Record<string, unknown>
}

/** @error relay-outdated */
export function statedTerms(terms: SharedTerms, relay: Protocol): StatedTerms {
  const later = laterTerms(terms, relay)
  return {
    validity: statedValidity(terms.validity),
    urgent: terms.urgent,
    anonymized: terms.anonymize,
    furtherSharing: terms.furtherSharing,
    sendMail: terms.sendMail,
    message: terms.message,
    ...(Object.keys(later).length > 0 && { terms: later }),
  }
}

/** The terms that are settled for each recipient, as a grant states them. */
export const statedGrant = (
  terms: SharedTerms,
  recipientId: string,
): Pick<ConfirmRequest['grants'][number], 'recipientId' | 'twoFactor' | 'right'> => ({
  recipientId,
  twoFactor: SHARE_KINDS.user.gates(terms, recipientId).includes('one-time-password'),
  right: terms.right,
})

/**
 * The terms that a request states. In place of one that the workstation does not know yet stands what protects most.
 * @error bad-request the grants differ in their right, or a term is missing that nothing can stand for
 */
export function termsOfConfirm(request: ConfirmRequest): SharedTerms {
  const { validity, grants, anonymized, urgent, furtherSharing, sendMail, message } = request
  const right = grants[0]!.right
  if (grants.some((grant) => grant.right !== right)) throw new OutpostError('bad-request', { field: 'right' })
  const twoFactor = grants.some((grant) => grant.twoFactor)
  const withoutTwoFactor = grants.filter((grant) => !grant.twoFactor).map(({ recipientId }) => recipientId)
  const later = earlierTerms(LATER_TERMS).safeParse(request.terms ?? {})
  if (!later.success) throw new OutpostError('bad-request', { field: `terms.${later.error.issues[0]?.path.join('.')}` })
  return {
    ...later.data,
    right,
    validity:
      validity.kind === 'period'
        ? { kind: 'period', period: { unit: validity.unit, count: validity.count } }
        : validity,
    twoFactor,
    withoutTwoFactor: twoFactor ? withoutTwoFactor : undefined,
    sendMail,
    anonymize: anonymized,
    urgent,
    furtherSharing,
    message,
  }
}

function statedValidity(validity: Validity): ConfirmRequest['validity'] {
  return validity.kind === 'period'
    ? { kind: 'period', unit: validity.period.unit, count: validity.period.count }
    : validity
}
