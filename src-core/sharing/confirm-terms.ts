/**
 * Converts the terms of a share to the confirm request and back. The terms of protocol version 2 have fixed fields;
 * each term that was added later is in `terms` under its own name.
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

const sameValue = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right)

/**
 * The terms that were added after protocol version 2, for a relay that knows them. A term that the relay does not know
 * is left out when its value is the one that a share has there anyway.
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
    if (sameValue(terms[name], addedLater.valueWithout)) return []
    throw new OutpostError('relay-outdated', { term: name })
  })
  return Object.fromEntries(stated) as Record<string, unknown>
}

/**
 * The terms as the fields of a confirm request.
 * @error relay-outdated
 */
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

/** The terms that are decided for each recipient, as a grant states them. */
export const statedGrant = (
  terms: SharedTerms,
  recipientId: string,
): Pick<ConfirmRequest['grants'][number], 'recipientId' | 'twoFactor' | 'right'> => ({
  recipientId,
  twoFactor: SHARE_KINDS.user.gates(terms, recipientId).includes('one-time-password'),
  right: terms.right,
})

/**
 * The terms that a request states. A term that the workstation does not know yet gets the value that protects most.
 * @error bad-request when the grants differ in their right, or a missing term has no such value
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
