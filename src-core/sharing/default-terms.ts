/** What a new share begins with (U20). */
import type { SharePolicy } from '../contract/terms.ts'
import type { ShareTerms } from '../contract/terms/share-terms.ts'
import { TERMS } from '../contract/terms/table.ts'
import type { AnyTerm } from '../contract/terms/term.ts'

/**
 * The department's defaults and this staff member's last choices, never what the policy refuses.
 * @param last what is remembered of the last share
 */
export function defaultTerms(policy: SharePolicy, last: Partial<ShareTerms>): ShareTerms {
  const entries = Object.entries<AnyTerm>(TERMS).map(([name, term]) => [
    name,
    term.default(policy, last[name as keyof ShareTerms]),
  ])
  return Object.fromEntries(entries) as ShareTerms
}
