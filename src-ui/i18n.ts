/**
 * The texts of both apps. i18next reads the catalogs resources/messages/<language>/<namespace>.json; their keys are
 * typed from the English ones (i18n/typed-keys.d.ts).
 * Each app passes its own catalogs, so that a phone does not load those of the workstation:
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
/** The name of each language in that language. */
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
 * Creates an i18next instance; it is ready at once, because the catalogs are already loaded.
 * @param options.pseudo adds the language "pseudo", made from the English texts, for development
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
    // React already escapes what it renders; escaping twice would show &amp;.
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  const setDocumentLanguage = (language: string) => {
    if (typeof document !== 'undefined') document.documentElement.lang = language === 'pseudo' ? 'en' : language
  }
  setDocumentLanguage(options.language)
  instance.on('languageChanged', setDocumentLanguage)
  return instance
}

/** Returns the first supported language among those that a browser asks for, or English. */
export function preferredLanguage(wanted: readonly string[]): (typeof LANGUAGES)[number] {
  for (const tag of wanted) {
    const language = LANGUAGES.find((supported) => supported === tag.toLowerCase().split('-')[0])
    if (language) return language
  }
  return 'en'
}
