/** Directory entries as pages may see them. Of contacts that are not public, pages see only whether they exist. */
import type { DirectoryEntry, RecipientView } from '../../src-core/contract/recipients.ts'
import { recipientName } from '../../src-core/directory/contacts.ts'

export function toRecipientView(entry: DirectoryEntry, favourites: ReadonlySet<string>): RecipientView {
  const { recipientId, kind, specialty, organisation, city, numbers, language } = entry
  return {
    recipientId,
    kind,
    name: recipientName(entry),
    specialty,
    organisation,
    city,
    numbers,
    language,
    email: entry.emailPublic ? entry.email : '',
    mobile: entry.mobilePublic ? entry.mobile : '',
    hasEmail: entry.email !== '',
    hasMobile: entry.mobile !== '',
    favourite: favourites.has(recipientId),
  }
}
