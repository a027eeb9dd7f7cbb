/** The page's texts: one small file for each language, which is loaded when that language is chosen. */
import type { i18n } from 'i18next'
import { catalogsOf, startI18n } from '../src-ui/i18n.ts'

const FILES = import.meta.glob('../resources/messages/*/{common,viewer,errors,portal}.json', { import: 'default' })

async function load(language: string) {
  const paths = Object.keys(FILES).filter((path) => path.includes(`/messages/${language}/`))
  return catalogsOf(
    Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await FILES[path]!()] as const))),
  )
}

export async function startLanguage(language: string): Promise<i18n> {
  return startI18n({ language, catalogs: await load(language) })
}

export async function changeLanguage(instance: i18n, language: string): Promise<void> {
  for (const [name, catalogs] of Object.entries(await load(language)))
    for (const [namespace, catalog] of Object.entries(catalogs)) instance.addResourceBundle(name, namespace, catalog)
  await instance.changeLanguage(language)
}
