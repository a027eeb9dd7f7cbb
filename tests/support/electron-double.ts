/**
 * A double of the electron module, typed from Electron's own declarations: it records the host's calls, and lets a test
 * act as the page.
 * Its protocol.handle behaves as Electron's does: the handler's Request has no working signal, a Blob body is lost, a
 * streamed body reuses one buffer, and responses are read as the page reads them.
 */
import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'
import type { ElectronModule } from '../../src-main/hosts/electron.ts'

type Handler = (request: Request) => Response | Promise<Response>

class DoubleProtocol {
  readonly privileged: Electron.CustomScheme[] = []
  readonly handlers = new Map<string, Handler>()
  registerSchemesAsPrivileged: Electron.Protocol['registerSchemesAsPrivileged'] = (schemes) => {
    this.privileged.push(...schemes)
  }
  handle: Electron.Protocol['handle'] = (scheme, handler) => {
    this.handlers.set(scheme, handler as Handler)
  }

  /** Sends a request as the page would. */
  async fetch(url: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> {
    const handler = this.handlers.get(new URL(url).protocol.slice(0, -1))
    if (!handler) throw new TypeError('Failed to fetch')
    const { signal, ...rest } = init
    if (rest.body instanceof Blob) delete rest.body
    if (rest.body instanceof ReadableStream) rest.body = reusing(rest.body)
    const response = await handler(
      new Request(url, { ...rest, ...(rest.body ? { duplex: 'half' } : {}) } as RequestInit),
    )
    if (!signal || response.body === null) return response
    // When the page aborts, the main process only sees that the response's body is cancelled.
    const reader = response.body.getReader()
    signal.addEventListener('abort', () => void reader.cancel('aborted').catch(() => {}), { once: true })
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await reader.read()
        if (signal.aborted) controller.error(signal.reason)
        else if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    })
    return new Response(body, { status: response.status, headers: response.headers })
  }
}

/** Delivers every chunk in the same buffer. */
function reusing(source: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const memory = new Uint8Array(64 * 1024)
  const reader = source.getReader()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) return controller.close()
      memory.set(value)
      controller.enqueue(memory.subarray(0, value.byteLength))
    },
  })
}

class DoubleSession {
  readonly protocol = new DoubleProtocol()
  readonly partition: string
  permissionRequest: Parameters<Electron.Session['setPermissionRequestHandler']>[0] = null
  permissionCheck: Parameters<Electron.Session['setPermissionCheckHandler']>[0] = null
  devicePermission: Parameters<Electron.Session['setDevicePermissionHandler']>[0] = null
  constructor(partition: string) {
    this.partition = partition
  }
  setPermissionRequestHandler: Electron.Session['setPermissionRequestHandler'] = (handler) => {
    this.permissionRequest = handler
  }
  setPermissionCheckHandler: Electron.Session['setPermissionCheckHandler'] = (handler) => {
    this.permissionCheck = handler
  }
  setDevicePermissionHandler: Electron.Session['setDevicePermissionHandler'] = (handler) => {
    this.devicePermission = handler
  }
}

class DoubleContents extends EventEmitter {
  readonly mainFrame = { url: '' }
  windowOpen: Parameters<Electron.WebContents['setWindowOpenHandler']>[0] | null = null
  setWindowOpenHandler: Electron.WebContents['setWindowOpenHandler'] = (handler) => {
    this.windowOpen = handler
  }
}

class DoubleWindow extends EventEmitter {
  static readonly opened: DoubleWindow[] = []
  static app: EventEmitter
  readonly webContents = new DoubleContents()
  readonly options: Electron.BrowserWindowConstructorOptions
  readonly calls: string[] = []
  bounds: Electron.Rectangle
  minimized = false
  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super()
    this.options = options
    this.bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 }
    DoubleWindow.opened.push(this)
    DoubleWindow.app.emit('web-contents-created', {}, this.webContents)
  }
  show() {
    this.calls.push('show')
  }
  focus() {
    this.calls.push('focus')
  }
  restore() {
    this.calls.push('restore')
  }
  isMinimized() {
    return this.minimized
  }
  getNormalBounds() {
    return this.bounds
  }
  async loadURL(url: string) {
    this.webContents.mainFrame.url = url
    this.emit('ready-to-show')
  }
}

export interface ElectronDouble {
  readonly electron: ElectronModule
  readonly protocol: DoubleProtocol
  readonly sessions: Map<string, DoubleSession>
  readonly windows: DoubleWindow[]
  readonly app: EventEmitter & { switches: [string, string?][]; sandboxed: boolean; quits: number; lock: boolean }
  readonly ipc: Map<string, (event: unknown, argument?: unknown) => unknown>
  readonly opened: string[]
  readonly menus: Electron.MenuItemConstructorOptions[][]
  dialogAnswer: string[]
}

/** Returns a new double, in the state of the module when a program starts. */
export function electronDouble(): ElectronDouble {
  const sessions = new Map<string, DoubleSession>()
  const protocol = new DoubleProtocol()
  const ipc = new Map<string, (event: unknown, argument?: unknown) => unknown>()
  const opened: string[] = []
  const menus: Electron.MenuItemConstructorOptions[][] = []
  const app = Object.assign(new EventEmitter(), {
    switches: [] as [string, string?][],
    sandboxed: false,
    quits: 0,
    lock: true,
    whenReady: async () => {},
    requestSingleInstanceLock: () => app.lock,
    enableSandbox: () => {
      app.sandboxed = true
    },
    quit: () => {
      app.quits++
    },
    commandLine: {
      appendSwitch: (name: string, value?: string) => {
        app.switches.push(value === undefined ? [name] : [name, value])
      },
    },
  })
  DoubleWindow.app = app
  DoubleWindow.opened.length = 0
  const double: ElectronDouble = {
    protocol,
    sessions,
    windows: DoubleWindow.opened,
    app,
    ipc,
    opened,
    menus,
    dialogAnswer: [],
    electron: {
      app,
      protocol,
      BrowserWindow: DoubleWindow,
      session: {
        fromPartition: (partition: string) =>
          sessions.get(partition) ?? sessions.set(partition, new DoubleSession(partition)).get(partition)!,
      },
      Menu: {
        buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => template,
        setApplicationMenu: (template: Electron.MenuItemConstructorOptions[]) => {
          menus.push(template)
        },
      },
      Notification: Object.assign(
        class {
          show() {
            opened.push('notification')
          }
        },
        { isSupported: () => true },
      ),
      dialog: {
        showOpenDialog: async () => ({ canceled: double.dialogAnswer.length === 0, filePaths: double.dialogAnswer }),
      },
      ipcMain: {
        handle: (channel: string, handler: (event: unknown, argument?: unknown) => unknown) => {
          ipc.set(channel, handler)
        },
      },
      shell: {
        openExternal: async (url: string) => {
          opened.push(url)
        },
      },
    } as unknown as ElectronModule,
  }
  return double
}
