/**
 * The Electron host: serves workstation.fetch on the privileged origin outpost://app, to one sandboxed window that
 * cannot navigate elsewhere. The electron module is a parameter, so that the same code runs against its recorded
 * double.
 */
import type * as Electron from 'electron'
import { basename } from 'node:path'
import { isOurs, mountOnScheme, ORIGIN, SCHEME } from './electron-scheme.ts'
import { rememberWindow, type WindowPlace } from './electron-window-state.ts'
import type { FolderHandles } from '../ports/host.ts'

export type ElectronModule = Pick<
  typeof Electron,
  'app' | 'BrowserWindow' | 'Menu' | 'Notification' | 'dialog' | 'ipcMain' | 'protocol' | 'session' | 'shell'
>

export interface ElectronHostOptions {
  /** Absolute path of the built preload script. */
  readonly preload: string
  readonly windowStateFile: string
  readonly handles: FolderHandles
  /** Called once Electron is ready: net.fetch and the keychain are available only then. */
  readonly open: () => Promise<{
    fetch: (request: Request) => Promise<Response>
    close(): Promise<void>
    relayOrigin: string | null
  }>
}

/**
 * What must happen before Electron is ready: scheme privileges, sandbox, single instance. @returns false when another
 * instance runs
 */
export function prepareElectron(
  { app, protocol }: Pick<ElectronModule, 'app' | 'protocol'>,
  relayHost: string | null,
): boolean {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return false
  }
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ])
  app.enableSandbox()
  // Many parts are uploaded in parallel to one relay. With HTTP/2, Chromium would use one connection for all of them,
  // which limits their speed.
  app.commandLine.appendSwitch('disable-http2')
  if (relayHost) app.commandLine.appendSwitch('ignore-connections-limit', relayHost)
  return true
}

export async function runElectron(
  electron: ElectronModule,
  options: ElectronHostOptions,
): Promise<Electron.BrowserWindow> {
  const { app, BrowserWindow, Menu, session } = electron
  await app.whenReady()
  const workstation = await options.open()
  const pageSession = session.fromPartition('persist:outpost')
  mountOnScheme(pageSession.protocol, workstation.fetch)
  pageSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === 'clipboard-sanitized-write'),
  )
  pageSession.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write')
  pageSession.setDevicePermissionHandler(() => false)

  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOurs(event.url)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => {
      if (!isOurs(event.url)) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu(process.platform === 'darwin')))

  const place: WindowPlace = rememberWindow(options.windowStateFile)
  const window = new BrowserWindow({
    ...place.bounds,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    backgroundColor: '#141517',
    title: 'Outpost',
    webPreferences: {
      preload: options.preload,
      session: pageSession,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
    },
  })
  place.follow(window)
  window.once('ready-to-show', () => window.show())
  answerPreload(electron, window, options.handles, workstation.relayOrigin)
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  app.on('window-all-closed', () => app.quit())
  let closed = false
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    closed = true
    void workstation.close().finally(() => app.quit())
  })
  await window.loadURL(`${ORIGIN}/`)
  return window
}

/**
 * Answers the preload script: each native function has its own channel, and only the main frame of our own page may use
 * it.
 */
function answerPreload(
  { dialog, ipcMain, Notification, shell }: ElectronModule,
  window: Electron.BrowserWindow,
  handles: FolderHandles,
  relayOrigin: string | null,
): void {
  const fromOurPage = (event: Electron.IpcMainInvokeEvent) =>
    event.senderFrame !== null && event.senderFrame === window.webContents.mainFrame && isOurs(event.senderFrame.url)
  const answer = (channel: string, handler: (argument: unknown) => unknown) =>
    ipcMain.handle(channel, (event, argument: unknown) => {
      if (!fromOurPage(event)) throw new Error('wrong-origin')
      return handler(argument)
    })
  const choose = async (options: Electron.OpenDialogOptions) => {
    const { filePaths } = await dialog.showOpenDialog(window, options)
    const path = filePaths[0]
    return path === undefined ? null : { handle: handles.give(path), name: basename(path) }
  }
  answer('outpost:choose-folder', () => choose({ properties: ['openDirectory'] }))
  answer('outpost:choose-archive', () =>
    choose({ properties: ['openFile'], filters: [{ name: 'ZIP', extensions: ['zip'] }] }),
  )
  answer('outpost:dropped-folder', (path) =>
    typeof path === 'string' && path !== '' ? { handle: handles.give(path) } : null,
  )
  answer('outpost:notify', (text) => {
    if (typeof text === 'string' && text.length <= 200 && Notification.isSupported())
      new Notification({ title: 'Outpost', body: text }).show()
  })
  answer('outpost:open-relay-page', async (path) => {
    // Only pages of our own relay are opened in the system's browser.
    if (relayOrigin === null || typeof path !== 'string') return
    const url = new URL(path, relayOrigin)
    if (url.origin === relayOrigin) await shell.openExternal(url.href)
  })
}

function menu(mac: boolean): Electron.MenuItemConstructorOptions[] {
  return [
    ...(mac ? [{ role: 'appMenu' as const }] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ]
}
