/**
 * The bridge to native functions that a page lacks, each by its own name. It has no generic channel, and the page
 * receives no paths.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'

const bridge = {
  /** Opens the system's folder dialog. */
  chooseFolder: (): Promise<{ handle: string; name: string } | null> => ipcRenderer.invoke('outpost:choose-folder'),
  /** Opens the system's dialog for a ZIP file to import. */
  chooseArchive: (): Promise<{ handle: string; name: string } | null> => ipcRenderer.invoke('outpost:choose-archive'),
  /** Returns a handle for a folder that was dropped on the window. */
  droppedFolder: (file: File): Promise<{ handle: string } | null> =>
    ipcRenderer.invoke('outpost:dropped-folder', webUtils.getPathForFile(file)),
  notify: (text: string): Promise<void> => ipcRenderer.invoke('outpost:notify', text),
  /** Opens a page of our own relay in the system's browser. */
  openRelayPage: (path: string): Promise<void> => ipcRenderer.invoke('outpost:open-relay-page', path),
}

export type OutpostBridge = typeof bridge

contextBridge.exposeInMainWorld('outpost', bridge)
