/** Tests what the Electron host guarantees, with the recorded double of the electron module. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { buildMain } from '../../scripts/build-main.mjs'
import { prepareElectron, runElectron } from '../../src-main/hosts/electron.ts'
import { folderHandles } from '../../src-main/hosts/folder-handles.ts'
import { electronDouble } from '../support/electron-double.ts'
import { root } from '../support/programs.ts'

async function started(relayOrigin: string | null = 'https://relay.example') {
  const double = electronDouble()
  const handles = folderHandles()
  const windowStateFile = join(mkdtempSync(join(tmpdir(), 'outpost-window-')), 'window.json')
  let closed = 0
  prepareElectron(double.electron, 'relay.example')
  await runElectron(double.electron, {
    preload: '/built/preload.cjs',
    windowStateFile,
    handles,
    open: async () => ({
      fetch: async () => new Response('page'),
      close: async () => {
        closed++
      },
      relayOrigin,
    }),
  })
  return { double, handles, windowStateFile, window: double.windows[0]!, closed: () => closed }
}
const prevented = () => {
  const event = {
    url: 'https://elsewhere.example/',
    prevented: 0,
    preventDefault: () => {
      event.prevented++
    },
  }
  return event
}

describe('Electron host', () => {
  it('registers outpost as a standard, secure, streaming scheme before ready, in its own session', async () => {
    const { double } = await started()
    expect(double.protocol.privileged).toEqual([
      {
        scheme: 'outpost',
        privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
      },
    ])
    expect(double.protocol.handlers.size).toBe(0)
    expect([...double.sessions.get('persist:outpost')!.protocol.handlers.keys()]).toEqual(['outpost'])
  })
  it('opens one window: sandboxed, isolated, without Node', async () => {
    const { double, window } = await started()
    expect(double.app.sandboxed).toBe(true)
    expect(window.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      preload: '/built/preload.cjs',
    })
    expect(window.webContents.mainFrame.url).toBe('outpost://app/')
    expect(window.calls).toEqual(['show'])
  })
  it('goes nowhere else: no navigation, no redirect, no window, no webview', async () => {
    const { window } = await started()
    for (const happening of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
      const event = prevented()
      window.webContents.emit(happening, event)
      expect([happening, event.prevented]).toEqual([happening, 1])
    }
    const own = { ...prevented(), url: 'outpost://app/studies' }
    window.webContents.emit('will-navigate', own)
    expect(own.prevented).toBe(0)
    expect(window.webContents.windowOpen!({ url: 'https://elsewhere.example' } as never)).toEqual({ action: 'deny' })
  })
  it('grants no permission but writing to the clipboard', async () => {
    const { double } = await started()
    const session = double.sessions.get('persist:outpost')!
    const answers = [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'clipboard-sanitized-write',
    ].map((permission) => {
      let granted: boolean | undefined
      session.permissionRequest!(
        null as never,
        permission as never,
        (answer) => {
          granted = answer
        },
        null as never,
      )
      return [granted, session.permissionCheck!(null, permission as never, '', null as never)]
    })
    expect(answers).toEqual([
      [false, false],
      [false, false],
      [false, false],
      [false, false],
      [false, false],
      [true, true],
    ])
    expect(session.devicePermission!(null as never)).toBe(false)
  })
  it('answers the preload only from the main frame of its own page', async () => {
    const { double, window, handles } = await started()
    double.dialogAnswer = ['/data/CT 1']
    const choose = double.ipc.get('outpost:choose-folder')!
    const answer = (await choose({ senderFrame: window.webContents.mainFrame })) as { handle: string; name: string }
    expect(answer.name).toBe('CT 1')
    expect(handles.path(answer.handle)).toBe('/data/CT 1')
    expect(JSON.stringify(answer)).not.toContain('/data')
    expect(() => choose({ senderFrame: { url: 'outpost://app/' } })).toThrow('wrong-origin')
    window.webContents.mainFrame.url = 'https://elsewhere.example/'
    expect(() => choose({ senderFrame: window.webContents.mainFrame })).toThrow('wrong-origin')
    expect(() => choose({ senderFrame: null })).toThrow('wrong-origin')
  })
  it('opens nothing in the system browser but pages of its relay', async () => {
    const { double, window } = await started()
    const open = (path: string) =>
      double.ipc.get('outpost:open-relay-page')!({ senderFrame: window.webContents.mainFrame }, path)
    await open('/outbox')
    await open('https://elsewhere.example/outbox')
    await open('file:///etc/passwd')
    expect(double.opened).toEqual(['https://relay.example/outbox'])
  })
  it('runs once: a second start quits, and the first window comes forward', async () => {
    const double = electronDouble()
    double.app.lock = false
    expect(prepareElectron(double.electron, null)).toBe(false)
    expect([double.app.quits, double.protocol.privileged]).toEqual([1, []])
    const { double: first, window } = await started()
    window.minimized = true
    first.app.emit('second-instance')
    expect(window.calls).toEqual(['show', 'restore', 'focus'])
  })
  it('closes the workstation before it quits', async () => {
    const { double, closed } = await started()
    const event = prevented()
    double.app.emit('before-quit', event)
    await expect.poll(() => double.app.quits).toBe(1)
    expect([event.prevented, closed()]).toEqual([1, 1])
  })
  it('remembers where its window was', async () => {
    const { window, windowStateFile } = await started()
    window.bounds = { x: 40, y: 50, width: 1280, height: 800 }
    window.emit('close')
    expect(JSON.parse(readFileSync(windowStateFile, 'utf8'))).toEqual(window.bounds)
  })
  it('W1: keeps a folder dialog native and a path out of the page', async () => {
    const { double } = await started()
    double.dialogAnswer = []
    expect([...double.ipc.keys()].sort()).toEqual([
      'outpost:choose-archive',
      'outpost:choose-folder',
      'outpost:dropped-folder',
      'outpost:notify',
      'outpost:open-relay-page',
    ])
  })
  it('lets many parallel parts reach the relay', async () => {
    const { double } = await started()
    expect(double.app.switches).toEqual([['disable-http2'], ['ignore-connections-limit', 'relay.example']])
  })
})

const binary =
  existsSync(join(root, 'node_modules/electron/path.txt')) &&
  existsSync(
    join(root, 'node_modules/electron/dist', readFileSync(join(root, 'node_modules/electron/path.txt'), 'utf8')),
  )
describe('what package.json names for Electron', () => {
  // The folder is not out/main, which other tests read at the same time.
  const built = 'out/electron-host-test'
  const entry = join(root, packageJson.main.replace(/^out\//, `${built}/`))
  afterAll(() => rmSync(join(root, built), { recursive: true, force: true }))

  it('is made by the build', async () => {
    await buildMain(built)
    expect(existsSync(entry), packageJson.main).toBe(true)
  })
  it.skipIf(!binary)('opens the sign-in page (Electron’s binary is needed)', async () => {
    const { _electron } = await import('playwright-core')
    const app = await _electron.launch({
      args: [entry, '--no-sandbox'],
      env: { ...(process.env as Record<string, string>), OUTPOST_DATA: mkdtempSync(join(tmpdir(), 'outpost-data-')) },
    })
    const page = await app.firstWindow()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(page.url()).toContain('outpost://app/')
    await app.close()
  })
})
