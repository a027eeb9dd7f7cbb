/** The texts of mails and confirmations, read once from resources/messages. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Language } from '../../src-core/contract/identifiers.ts'
import { parseJson } from '../../src-core/parse-json.ts'
import { MailCatalog } from '../../src-core/sharing/notice.ts'

export type MailCatalogs = (language: Language) => Promise<MailCatalog>

export function mailCatalogs(resourcesFolder: string): MailCatalogs {
  const read = new Map<Language, Promise<MailCatalog>>()
  return (language) => {
    let catalog = read.get(language)
    if (!catalog) {
      catalog = readFile(join(resourcesFolder, 'messages', language, 'mail.json'), 'utf8').then((text) =>
        parseJson(text, MailCatalog, 'internal'),
      )
      read.set(language, catalog)
    }
    return catalog
  }
}
