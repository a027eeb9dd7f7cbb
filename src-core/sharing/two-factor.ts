/** Derives from the terms of a share which recipients need a one-time password. */
import type { ShareTerms } from '../contract/terms/share-terms.ts'

/** Whether this recipient must enter a one-time password to open the share (U7). */
export function asksOneTimePassword(
  terms: Pick<ShareTerms, 'twoFactor' | 'withoutTwoFactor'>,
  recipientId: string,
): boolean {
  return terms.twoFactor && !(terms.withoutTwoFactor ?? []).includes(recipientId)
}
