/**
 * Texts of both apps: i18next with catalogs resources/messages/<language>/<namespace>.json, keys typed from the English
 * ones (i18n/typed-keys.d.ts).
 * An app hands in its catalogs, so that a phone does not load the workstation's:
 * `catalogsOf(import.meta.glob('../resources/messages/*\/{common,viewer,errors}.json', { eager: true, import: 'default'
 * }))`.
 */
import { createInstance, type i18n, type Resource, type ResourceLanguage } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { pseudoCatalog } from './i18n/pseudo.ts'

export { formatBytes, formatCount, formatDay, formatInstant } from './i18n/format.ts'
export { endDay, endWords } from './i18n/end-words.ts'
export { displayName as formatPersonName } from '../src-core/patient/display-name.ts'

export const LANGUAGES = ['en', 'nl', 'fr', 'de'] as const
/** Each language by the name its speakers give it. */
export const LANGUAGE_NAMES = { en: 'English', nl: 'Nederlands', fr: 'Français', de: 'Deutsch' } as const

/** Sorts imported catalogs by language and namespace, from their path …/<language>/<namespace>.json. */
export function catalogsOf(files: Record<string, unknown>): Resource {
  const catalogs: Record<string, ResourceLanguage> = {}
  for (const [path, catalog] of Object.entries(files)) {
    const match = /([^/]+)\/([^/]+)\.json$/.exec(path)
    if (match) (catalogs[match[1]!] ??= {})[match[2]!] = catalog as ResourceLanguage[string]
  }
  return catalogs
}

/**
 * An i18next instance of the app's own, ready at once when the catalogs are at hand.
 * `pseudo` adds the language "pseudo", made from the English texts, for development.
 */
export function startI18n(options: { language: string; catalogs: Resource; pseudo?: boolean }): i18n {
  const catalogs = { ...options.catalogs }
  if (options.pseudo && catalogs.en) catalogs.pseudo = pseudoCatalog(catalogs.en)
  const instance = createInstance()
  void instance.use(initReactI18next).init({
    lng: options.language,
    fallbackLng: 'en',
    resources: catalogs,
    defaultNS: 'common',
    initAsync: false,
    // React escapes what it renders; escaping twice would show &amp;.
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  const tell = (language: string) => {
    if (typeof document !== 'undefined') document.documentElement.lang = language === 'pseudo' ? 'en' : language
  }
  tell(options.language)
  instance.on('languageChanged', tell)
  return instance
}

/** The best of ours for the languages a browser asks for. */
export function preferredLanguage(wanted: readonly string[]): (typeof LANGUAGES)[number] {
  for (const tag of wanted) {
    const language = LANGUAGES.find((one) => one === tag.toLowerCase().split('-')[0])
    if (language) return language
  }
  return 'en'
}
