import 'i18next'
import type common from '../../resources/messages/en/common.json'
import type errors from '../../resources/messages/en/errors.json'
import type viewer from '../../resources/messages/en/viewer.json'

declare global {
  /**
   * The namespaces and their keys. An app adds its own: `declare global { interface OutpostCatalogs { share: typeof
   * import('…/en/share.json') } }`.
   */
  interface OutpostCatalogs {
    common: typeof common
    errors: typeof errors
    viewer: typeof viewer
  }
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common'
    resources: OutpostCatalogs
    returnNull: false
  }
}
