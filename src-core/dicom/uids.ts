/** Well-known unique identifiers (PS3.6 Annex A). */
import { UIDS } from './uids.generated.ts'

/**
 * The kind of an instance by its SOP class: an image has frames to show; a report is a document or structured report;
 * other is neither, or of an unknown class.
 */
export function sopClassKind(SOPClassUID: string): 'image' | 'report' | 'other' {
  return UIDS.get(SOPClassUID)?.[2] || 'other'
}

export const MEDIA_DIRECTORY = '1.2.840.10008.1.3.10'
