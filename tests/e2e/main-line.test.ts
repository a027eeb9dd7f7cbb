/**
 * Tests the main job on the real programs: find the CT, share it with two colleagues, lose relay and workstation, get
 * them back, and open the images as a recipient.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launchBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { root, runProgram, freshAddress, startProgram, temporaryFolder, type Program } from '../support/programs.ts'

const built = existsSync(join(root, 'out/renderer/index.html')) && existsSync(join(root, 'out/portal/index.html'))
const tools = ['/usr/bin/dcmdump', '/usr/bin/unzip'].every((tool) => existsSync(tool))

interface Message {
  channel: 'mail' | 'text'
  recipient: string
  subject: string
  body: string
  at: string
}

const freePort = () =>
  new Promise<number>((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => done(port))
    })
  })
const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

describe.skipIf(!hasChromium || !built || !tools)('the main line', { timeout: 240_000 }, () => {
  const data = temporaryFolder('main-line')
  const passphrase = { OUTPOST_PASSPHRASE: 'correct horse battery' }
  let browser: Browser
  let port: number
  let relay: Program
  let workstation: Program
  const complaints: string[] = []

  const startRelay = async () => {
    relay = await startProgram(['relay', '--demonstration', '--port', String(port), '--data', join(data, 'relay')])
  }
  const startWorkstation = async () => {
    workstation = await startProgram(
      [
        'serve',
        '--no-open',
        '--data',
        join(data, 'workstation'),
        '--relay',
        `http://127.0.0.1:${port}`,
        '--code-file',
        join(data, 'relay', 'enrolment-code'),
      ],
      passphrase,
    )
  }
  const messages = async (): Promise<Message[]> =>
    (await fetch(`http://127.0.0.1:${port}/outbox`, { headers: { accept: 'application/json' } })).json()

  async function openWorkstation(): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (/Content Security Policy|violates/i.test(message.text())) complaints.push(message.text())
    })
    // Each address opens the page once.
    await page.goto(freshAddress(join(data, 'workstation')))
    return page
  }
  const axe = async (page: Page) =>
    (await new AxeBuilder({ page }).analyze()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`,
    )
  const shareButton = (page: Page) => page.getByRole('button', { name: /^Share \d/ })
  const recipientSearch = (page: Page) => page.getByRole('combobox', { name: /hysician number/ })

  beforeAll(async () => {
    browser = await launchBrowser()
    port = await freePort()
    await startRelay()
    await startWorkstation()
  })
  afterAll(async () => {
    await browser?.close()
    await workstation?.end()
    await relay?.end()
  })

  it('U1, U5, W6, S1: a share by mouse with two people arrives, after both programs were killed', async () => {
    const page = await openWorkstation()
    await page.getByRole('button', { name: /demonstration/ }).click()
    await page.getByRole('button', { name: 'Open sample studies' }).click()
    await page.getByRole('row', { name: /SAMPLE, Carla/ }).waitFor({ timeout: 60_000 })
    await expect
      .poll(() => page.getByRole('row', { name: /SAMPLE, Carla/ }).innerText(), { timeout: 60_000 })
      .toContain('80')
    expect(await axe(page)).toEqual([])
    await page.getByRole('row', { name: /SAMPLE, Carla/ }).click()
    await page.getByRole('img', { name: 'Image 1 of 80' }).waitFor()
    expect(await axe(page)).toEqual([])

    for (const [typed, name] of [
      ['zandloper', 'Dr Mieke Zandloper'],
      ['mustermann', 'Dr Jürgen Mustermann'],
    ] as const) {
      await recipientSearch(page).fill(typed)
      await page.getByRole('option', { name: new RegExp(name) }).click()
    }
    await page.getByRole('checkbox', { name: 'One-time password for Dr Jürgen Mustermann' }).uncheck()
    await page.getByRole('button', { name: 'Second opinion' }).click()
    await page.getByRole('checkbox', { name: 'The patient agreed' }).check()
    await page.getByRole('textbox', { name: 'Message to the recipient' }).fill('Please look at image 40.')
    await page.getByRole('button', { name: 'Share 1 study of SAMPLE, Carla with 2 recipients' }).click()
    await page.getByRole('button', { name: 'Undo' }).waitFor()
    await page.getByRole('button', { name: 'Copy this information' }).click()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    for (const part of ['SAMPLE', 'CT Chest/Abdomen', 'Mieke Zandloper', 'Jürgen Mustermann'])
      expect(copied).toContain(part)

    await relay.end('SIGTERM')
    await workstation.end('SIGKILL')
    await page.context().close()
    await startWorkstation()
    await startRelay()
    const mails = await eventually(async () => {
      const mails = (await messages()).filter((message) => message.channel === 'mail')
      return mails.length === 2 && mails
    })
    expect(mails.map((mail) => mail.recipient).sort()).toEqual(['recipient-01@example.org', 'recipient-03@example.org'])
    for (const mail of mails) {
      expect(mail.body).not.toContain('SAMPLE-001')
      expect(mail.subject + mail.body).not.toContain('Carla')
    }
  })

  it('U7, U19, X8: one recipient passes the one-time password and downloads; one has only the link', async () => {
    const [withCode, byLink] = ['recipient-01@example.org', 'recipient-03@example.org'].map((address) => address)
    const allMessages = await messages()
    const linkOf = (address: string) =>
      allMessages
        .find((message) => message.channel === 'mail' && message.recipient === address)!
        .body.match(/http:\S+\/s\/[\w-]+/)![0]

    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      acceptDownloads: true,
      locale: 'en',
    })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    await page.goto(linkOf(withCode!))
    await page.getByLabel(/Language|Taal/).selectOption('en')
    await page.getByRole('button', { name: 'Send the code' }).click()
    const code = await eventually(
      async () => (await messages()).find((message) => message.channel === 'text')?.body.match(/\b\d{6}\b/)?.[0],
    )
    await page.getByLabel('Code of 6 digits').fill(code)
    await page.keyboard.press('Enter')
    await page.getByText('Please look at image 40.').waitFor()
    await page.getByText('80 images', { exact: true }).waitFor()
    expect(await axe(page)).toEqual([])
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('link', { name: /Download everything/ })
        .or(page.getByRole('button', { name: /Download everything/ }))
        .click(),
    ])
    const zip = join(data, 'exam.zip')
    await download.saveAs(zip)
    await page.getByRole('button', { name: /View images/ }).click()
    await page.getByRole('img', { name: 'Image 1 of 80' }).waitFor()
    for (let image = 1; image < 40; image++) await page.keyboard.press('ArrowDown')
    const shown = page.getByRole('img', { name: 'Image 40 of 80' })
    await shown.waitFor()
    await eventually(() =>
      shown.evaluate((element) => {
        const canvas = element instanceof HTMLCanvasElement ? element : element.querySelector('canvas')!
        const copy = new OffscreenCanvas(canvas.width, canvas.height)
        copy.getContext('2d')!.drawImage(canvas, 0, 0)
        const { data } = copy.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        return new Set(data).size > 50
      }),
    )
    await page.screenshot({ path: join(data, 'recipient.png') })

    const out = join(data, 'exam')
    execFileSync('unzip', ['-q', zip, '-d', out])
    expect(
      execFileSync('dcmdump', ['+P', '0004,1500', join(out, 'DICOMDIR')], { encoding: 'utf8' }).match(/DICOM\\/g)
        ?.length,
    ).toBeGreaterThanOrEqual(80)
    const sent = files(join(data, 'workstation', 'samples', 'CARLA-CT'))
      .map(sha256)
      .sort()
    const instances = files(join(out, 'DICOM')).filter((file) => statSync(file).size > 0)
    for (const file of instances) execFileSync('dcmdump', ['-q', file], { stdio: 'pipe', maxBuffer: 2 ** 26 })
    const received = instances.map(sha256)
    expect(sent).toHaveLength(80)
    // The recipient gets exactly the selected images, unchanged, and the message as a series of its own (U24).
    expect(sent.filter((hash) => !received.includes(hash))).toEqual([])
    expect(received).toHaveLength(81)
    await context.close()

    const otherContext = await browser.newContext({ viewport: { width: 360, height: 740 } })
    const phone = await otherContext.newPage()
    await phone.goto(linkOf(byLink!))
    // The page starts in the recipient's own language.
    await phone.getByLabel(/Language|Taal|Sprache/).selectOption('en')
    await phone.getByRole('button', { name: 'Open' }).click()
    await phone.getByText('Please look at image 40.').waitFor()
    await phone.getByText(/^80 /).waitFor()
    await otherContext.close()
  })

  it('U26, S9: what became of it comes back by itself', async () => {
    const page = await openWorkstation()
    await page.getByRole('button', { name: /demonstration/ }).click()
    await page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('button', { name: /Status/ })
      .click()
    await page
      .getByText(/Opened/i)
      .first()
      .waitFor()
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Lock' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.context().close()
  })

  it('W12: the same by keyboard alone', async () => {
    const page = await openWorkstation()
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    const focusOn = async (what: ReturnType<Page['getByRole']>, limit = 60) => {
      await what.first().waitFor()
      for (let step = 0; step < limit; step++) {
        if (
          await what
            .first()
            .evaluate((element) => element === document.activeElement)
            .catch(() => false)
        )
          return
        await press('Tab')
      }
      throw new Error('the keyboard does not reach it')
    }
    await focusOn(page.getByRole('button', { name: /demonstration/ }))
    await press('Enter')
    await page.getByRole('searchbox').waitFor()
    await page.keyboard.type('max')
    await page.getByRole('row', { name: /SAMPLE, Max/ }).waitFor()
    await press('Enter')
    await page.getByRole('img', { name: /Image 1 of 26/ }).waitFor()
    await press('s')
    await expect.poll(() => recipientSearch(page).evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.type('nuageux')
    await page
      .getByRole('option', { name: /Nuageux/ })
      .first()
      .waitFor()
    await press('Enter')
    await focusOn(page.getByRole('button', { name: 'Referral' }))
    await press('Enter')
    await focusOn(page.getByRole('checkbox', { name: 'The patient agreed' }))
    await press('Space')
    await focusOn(shareButton(page))
    await press('Enter')
    await page.getByRole('button', { name: 'Undo' }).waitFor()
    await eventually(async () => (await messages()).some((message) => message.recipient === 'recipient-06@example.org'))
    await page.context().close()
  })

  it('W7: the audit log verifies, and the outbox is told from the command line', async () => {
    await workstation.end('SIGTERM')
    const folder = join(data, 'workstation')
    const audit = await runProgram(['audit', 'verify', '--data', folder, '--json'])
    expect(['consistent', 'not-compared']).toContain((audit.json as { finding: string }).finding)
    expect((audit.json as { entries: number }).entries).toBeGreaterThan(6)
    const outbox = await runProgram(['outbox', '--data', folder, '--json'])
    expect((outbox.json as { state: string }[]).every(({ state }) => state === 'delivered')).toBe(true)
  })

  it('W10: no log names a patient', () => {
    const logs = files(join(data, 'workstation', 'logs'))
    expect(logs.length).toBeGreaterThan(0)
    for (const log of logs) expect(readFileSync(log, 'utf8')).not.toMatch(/Carla|SAMPLE|Zandloper/)
    expect(workstation.output() + relay.output()).not.toMatch(/Carla|SAMPLE-0|Zandloper/)
  })

  it('nothing was refused by the page’s own policy, and nothing threw', () => expect(complaints).toEqual([]))
})
