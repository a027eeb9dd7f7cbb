import type share from '../resources/messages/en/share.json'
import type workstation from '../resources/messages/en/workstation.json'

declare global {
  interface OutpostCatalogs {
    share: typeof share
    workstation: typeof workstation
  }
  /** Native functions that only the desktop host has; absent in the browser. */
  interface Window {
    outpost?: {
      /** Opens the system's folder dialog; null when it was cancelled. */
      chooseFolder?: () => Promise<{ handle: string; name: string } | null>
      chooseArchive?: () => Promise<{ handle: string; name: string } | null>
      droppedFolder?: (file: File) => Promise<{ handle: string } | null>
      notify?: (text: string) => Promise<void>
    }
  }
}
