/** Well-known unique identifiers (PS3.6 Annex A). */
import { UIDS } from './uids.generated.ts'

/** Name of a well-known unique identifier, or undefined. */
export function uidName(uid: string): string | undefined {
  return UIDS.get(uid)?.[0]
}

/** Whether the identifier is a SOP class of the standard. */
export function isKnownSopClass(SOPClassUID: string): boolean {
  return UIDS.get(SOPClassUID)?.[1] === 'SOP Class'
}

/** What an instance of a SOP class is: with frames to show, a document or structured report, or neither (also when the class is unknown). */
export function sopClassKind(SOPClassUID: string): 'image' | 'report' | 'other' {
  return UIDS.get(SOPClassUID)?.[2] || 'other'
}

export const MEDIA_DIRECTORY = '1.2.840.10008.1.3.10'
