/** The texts of mails and confirmations. */
import { join } from 'node:path'
import type { Language } from '../../src-core/contract/identifiers.ts'
import type { MailCatalog } from '../../src-core/sharing/notice.ts'
import { loadMailCatalog } from '../../src-engine/messages/catalogs.ts'

export type MailCatalogs = (language: Language) => Promise<MailCatalog>

export const mailCatalogs =
  (resourcesFolder: string): MailCatalogs =>
  (language) =>
    loadMailCatalog(join(resourcesFolder, 'messages'), language)
