/** The bridge: native powers that a page cannot have, each by name. No generic channel, no path in the page's hands. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'

const bridge = {
  /** The system's folder dialog. */
  chooseFolder: (): Promise<{ handle: string; name: string } | null> => ipcRenderer.invoke('outpost:choose-folder'),
  /** The system's dialog for a ZIP file to import. */
  chooseArchive: (): Promise<{ handle: string; name: string } | null> => ipcRenderer.invoke('outpost:choose-archive'),
  /** A folder dropped on the window. */
  droppedFolder: (file: File): Promise<{ handle: string } | null> =>
    ipcRenderer.invoke('outpost:dropped-folder', webUtils.getPathForFile(file)),
  notify: (text: string): Promise<void> => ipcRenderer.invoke('outpost:notify', text),
  /** A page of our own relay in the system's browser. */
  openRelayPage: (path: string): Promise<void> => ipcRenderer.invoke('outpost:open-relay-page', path),
}

export type OutpostBridge = typeof bridge

contextBridge.exposeInMainWorld('outpost', bridge)
