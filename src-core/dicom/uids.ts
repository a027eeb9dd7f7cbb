/** Well-known unique identifiers (PS3.6 Annex A). */
import { UIDS } from './uids.generated.ts'

/**
 * What an instance of a SOP class is: with frames to show, a document or structured report, or neither (also when the
 * class is unknown).
 */
export function sopClassKind(SOPClassUID: string): 'image' | 'report' | 'other' {
  return UIDS.get(SOPClassUID)?.[2] || 'other'
}

export const MEDIA_DIRECTORY = '1.2.840.10008.1.3.10'
