/** Chooses the language of the mails to all recipients of a share (U12). */
import type { Language } from '../contract/identifiers.ts'

/**
 * The sender's choice; else the language of more than half of the recipients; else the first recipient's; else the
 * department's.
 */
export function mailLanguage(
  recipients: readonly { readonly language: Language | null }[],
  policy: { readonly defaultLanguage: Language },
  chosen: Language | null,
): Language {
  if (chosen) return chosen
  const counts = new Map<Language, number>()
  for (const { language } of recipients) if (language) counts.set(language, (counts.get(language) ?? 0) + 1)
  const majority = [...counts].find(([, count]) => count * 2 > recipients.length)
  return majority?.[0] ?? recipients[0]?.language ?? policy.defaultLanguage
}
