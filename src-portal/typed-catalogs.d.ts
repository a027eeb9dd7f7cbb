import type portal from '../resources/messages/en/portal.json'

declare global {
  interface OutpostCatalogs {
    portal: typeof portal
  }
}
