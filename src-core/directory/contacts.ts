/** Contacts of recipients: which ones may be written to, and what is shown of those that are not public. */
import type { DirectoryEntry } from '../contract/recipients.ts'

const HIDDEN = '•••'

/** +32 ••• •• 12: enough for its owner to recognise the number by, and for nobody to call it. */
export function maskMobile(mobile: string): string {
  return mobile.length < 6 ? '' : `${mobile.slice(0, 3)} ${HIDDEN} •• ${mobile.slice(-2)}`
}

/** r•••@example.org */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return at < 1 ? '' : `${email.slice(0, 1)}${HIDDEN}${email.slice(at)}`
}

/** Whether a contact is only what one looks like: nothing can be sent to it. */
export const isMasked = (contact: string): boolean => contact.includes(HIDDEN)

const shown = (contact: string, isPublic: boolean, mask: (contact: string) => string): string =>
  isPublic || isMasked(contact) ? contact : mask(contact)

/**
 * The entry as workstations keep it: contacts that are not public stay at the relay (U7 needs to know that there is
 * one).
 */
export function withoutPrivateContacts(entry: DirectoryEntry): DirectoryEntry {
  const { email, emailPublic, mobile, mobilePublic } = entry
  return {
    ...entry,
    email: shown(email, emailPublic, maskEmail),
    mobile: shown(mobile, mobilePublic, maskMobile),
  }
}

/** The recipient's name as it is written to them and shown. */
export function recipientName({
  prefix,
  givenName,
  familyName,
}: Pick<DirectoryEntry, 'prefix' | 'givenName' | 'familyName'>): string {
  return [prefix, givenName, familyName].filter((part) => part !== '').join(' ')
}
