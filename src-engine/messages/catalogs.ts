/** The catalogs that workstation and relay both need. */
import { MediaWords } from '../../src-core/package/media-pages.ts'
import { MailCatalog } from '../../src-core/sharing/notice.ts'
import { catalogLoader } from './load-catalog.ts'

export const loadMailCatalog = catalogLoader('mail', MailCatalog)
export const loadMediaCatalog = catalogLoader('media', MediaWords)
