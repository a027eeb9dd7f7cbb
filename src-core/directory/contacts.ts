/** Masks contacts of recipients that are not public, and recognizes masked ones. */
import type { DirectoryEntry } from '../contract/recipients.ts'

const MASK = '•••'

/** The masked number, for example +32 ••• •• 12. Its owner recognizes it; no other person can call it. */
export function maskMobile(mobile: string): string {
  return mobile.length < 6 ? '' : `${mobile.slice(0, 3)} ${MASK} •• ${mobile.slice(-2)}`
}

/** The masked address, for example r•••@example.org. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return at < 1 ? '' : `${email.slice(0, 1)}${MASK}${email.slice(at)}`
}

/** Whether a contact is masked, so that nothing can be sent to it. */
export const isMasked = (contact: string): boolean => contact.includes(MASK)

const publicOrMasked = (contact: string, isPublic: boolean, mask: (contact: string) => string): string =>
  isPublic || isMasked(contact) ? contact : mask(contact)

/**
 * The entry for workstations. Contacts that are not public stay at the relay and are masked, because U7 needs to know
 * that there is one.
 */
export function withoutPrivateContacts(entry: DirectoryEntry): DirectoryEntry {
  const { email, emailPublic, mobile, mobilePublic } = entry
  return {
    ...entry,
    email: publicOrMasked(email, emailPublic, maskEmail),
    mobile: publicOrMasked(mobile, mobilePublic, maskMobile),
  }
}

/** The recipient's name as it is written in notices and shown. */
export function recipientName({
  prefix,
  givenName,
  familyName,
}: Pick<DirectoryEntry, 'prefix' | 'givenName' | 'familyName'>): string {
  return [prefix, givenName, familyName].filter((part) => part !== '').join(' ')
}
