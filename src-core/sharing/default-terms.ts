/** Chooses the terms of a new share (U20). */
import type { SharePolicy } from '../contract/terms.ts'
import type { ShareTerms } from '../contract/terms/share-terms.ts'
import { TERMS } from '../contract/terms/table.ts'
import type { AnyTerm } from '../contract/terms/term.ts'

/**
 * The terms from the department's defaults and the last choices of this staff member. The policy refuses none of them.
 * @param last the remembered terms of the last share
 */
export function defaultTerms(policy: SharePolicy, last: Partial<ShareTerms>): ShareTerms {
  const entries = Object.entries<AnyTerm>(TERMS).map(([name, term]) => [
    name,
    term.default(policy, last[name as keyof ShareTerms]),
  ])
  return Object.fromEntries(entries) as ShareTerms
}
