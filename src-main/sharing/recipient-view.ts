/** Directory entries as pages may see them: contacts that are not public stay in the main process. */
import type { DirectoryEntry, RecipientView } from '../../src-core/contract/models.ts'

export function recipientName({
  prefix,
  givenName,
  familyName,
}: Pick<DirectoryEntry, 'prefix' | 'givenName' | 'familyName'>): string {
  return [prefix, givenName, familyName].filter((part) => part !== '').join(' ')
}

export function recipientView(entry: DirectoryEntry, favourites: ReadonlySet<string>): RecipientView {
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
