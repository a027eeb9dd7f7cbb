import type { ShareTerms } from '../contract/terms/share-terms.ts'

/** Whether this recipient must type a one-time password to open (U7). */
export function asksOneTimePassword(
  terms: Pick<ShareTerms, 'twoFactor' | 'withoutTwoFactor'>,
  recipientId: string,
): boolean {
  return terms.twoFactor && !(terms.withoutTwoFactor ?? []).includes(recipientId)
}
