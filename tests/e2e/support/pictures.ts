/**
 * The pictures of the README, from the real programs: relay, workstation, sample studies, a share under way.
 * Run: node tests/e2e/support/pictures.ts FOLDER [FOLDER_OF_DICOM_FILES]; the second adds the study list of that
 * folder.
 */
import { mkdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../../support/browser.ts'
import { startProgram, temporaryFolder } from '../../support/programs.ts'

const [out = '', large] = process.argv.slice(2)
if (out === '') throw new Error('name the folder that the pictures go to')
mkdirSync(out, { recursive: true })
const data = temporaryFolder('pictures')
// the page offers the folders of the home folder first
const env = { OUTPOST_PASSPHRASE: 'pictures of samples', HOME: large ? dirname(resolve(large)) : data }

let relay = await startProgram(['relay', '--demonstration', '--data', join(data, 'relay')])
const port = new URL(relay.ready.url!).port
const workstation = await startProgram(
  [
    'serve',
    '--no-open',
    '--data',
    join(data, 'workstation'),
    '--relay',
    relay.ready.url!,
    '--code-file',
    relay.ready.codeFile!,
  ],
  env,
)
const browser = await launchBrowser()
const context = await browser.newContext({
  viewport: { width: 1280, height: 800 },
  colorScheme: 'dark',
  reducedMotion: 'reduce',
})
const page = await context.newPage()
page.setDefaultTimeout(60_000)

/** One picture of the state as it is, in both colour schemes and both sizes. */
async function picture(
  name: string,
  sizes: readonly (readonly [number, number])[] = [
    [1280, 800],
    [1920, 1080],
  ],
): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    // as Settings does it; before someone is signed in, the page follows the system
    const told = await page.evaluate(async (wanted) => {
      const answer = await fetch('/rpc/settings/set', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-outpost-secret': sessionStorage.getItem('outpost-secret') ?? '',
        },
        body: JSON.stringify({ json: { colorScheme: wanted } }),
      })
      return answer.ok
    }, scheme)
    if (!told)
      await page.evaluate(
        (wanted) => document.documentElement.setAttribute('data-mantine-color-scheme', wanted),
        scheme,
      )
    await page.waitForTimeout(400)
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height })
      await page.waitForTimeout(500)
      await page.screenshot({ path: join(out, `${name}-${scheme}${width === 1280 ? '' : `-${width}`}.png`) })
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 })
}
const rail = (name: string) =>
  page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(name) })
    .click()
const openStudy = async (name: string, of: Page = page) => {
  await of
    .getByRole('row', { name: new RegExp(name) })
    .first()
    .click()
  await of.getByRole('img', { name: /^Image 1 of/ }).waitFor()
}
async function fill(message: string): Promise<void> {
  for (const [typed, name] of [
    ['zandloper', 'Mieke Zandloper'],
    ['mustermann', 'Jürgen Mustermann'],
  ] as const) {
    await page.getByRole('combobox', { name: /hysician number/ }).fill(typed)
    await page.getByRole('option', { name: new RegExp(name) }).click()
  }
  await page.getByRole('button', { name: 'Second opinion' }).click()
  await page.getByRole('checkbox', { name: 'The patient agreed' }).check()
  await page.getByRole('textbox', { name: 'Message to the recipient' }).fill(message)
}
const share = async () => {
  await page.getByRole('button', { name: /^Share 1 study/ }).click()
  await page.getByRole('button', { name: 'Undo' }).waitFor()
}

page.on('pageerror', (error) => console.error(error.message))
await page.goto(workstation.ready.url!)
await page.getByRole('button', { name: /demonstration/ }).waitFor()
await picture('sign-in')
await page.getByRole('button', { name: /demonstration/ }).click()
await page.getByRole('button', { name: 'Open sample studies' }).waitFor()
await picture('studies-empty')
await page.getByRole('button', { name: 'Open sample studies' }).click()
await page.getByRole('row', { name: /SAMPLE, Carla.*80/ }).waitFor()
// for a minute the new files count as still arriving
await page.waitForTimeout(70_000)
await page.reload()
await page.getByRole('row', { name: /SAMPLE, Carla.*80/ }).waitFor()
await page.waitForTimeout(2000)
await picture('studies')
await openStudy('SAMPLE, Carla')
for (let image = 1; image < 40; image++) await page.keyboard.press('ArrowDown')
await page.getByRole('img', { name: 'Image 40 of 80' }).waitFor()
await fill('Please look at the nodule in image 40.')
await page.getByRole('combobox', { name: /hysician number/ }).scrollIntoViewIfNeeded()
await page.waitForTimeout(1500)
await picture('study-share')
await share()
await picture('study-shared')
await page.waitForTimeout(14_000)
await rail('Outbox')
await picture('outbox-done')
await rail('Status')
await page
  .getByRole('button', { name: /^Show the share/ })
  .first()
  .click()
await picture('status')
await rail('Audit')
await picture('audit')
await rail('Settings')
await picture('settings')

// the recipient
const messages = (await (
  await fetch(`http://127.0.0.1:${port}/outbox`, { headers: { accept: 'application/json' } })
).json()) as { recipient: string; channel: string; body: string }[]
const link = messages
  .find((message) => message.channel === 'mail' && message.recipient === 'recipient-01@example.org')!
  .body.match(/http:\S+\/s\/[\w-]+/)![0]
const phone = await (
  await browser.newContext({
    viewport: { width: 360, height: 740 },
    colorScheme: 'light',
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
  })
).newPage()
await phone.goto(link)
await phone.getByRole('combobox').selectOption('en')
await phone.getByRole('button', { name: 'Send the code' }).waitFor()
await phone.screenshot({ path: join(out, 'recipient-1.png') })
await phone.getByRole('button', { name: 'Send the code' }).click()
const code = await (async () => {
  for (;;) {
    const found = (
      (await (await fetch(`http://127.0.0.1:${port}/outbox`, { headers: { accept: 'application/json' } })).json()) as {
        channel: string
        body: string
      }[]
    ).find((message) => message.channel === 'text')
    if (found) return found.body.match(/\b\d{6}\b/)![0]
    await phone.waitForTimeout(200)
  }
})()
await phone.getByLabel('Code of 6 digits').fill(code)
await phone.keyboard.press('Enter')
await phone.getByRole('button', { name: /View images/ }).waitFor()
await phone.waitForTimeout(1500)
await phone.screenshot({ path: join(out, 'recipient-2.png') })
await phone.getByRole('button', { name: /View images/ }).click()
await phone.getByRole('img', { name: 'Image 1 of 80' }).waitFor()
await phone.waitForTimeout(2500)
await phone.screenshot({ path: join(out, 'recipient-3.png') })

// without the relay
await relay.end('SIGTERM')
await rail('Studies')
await openStudy('SAMPLE, Max')
await fill('')
await share()
await page.waitForTimeout(16_000)
await rail('Outbox')
await picture('outbox-offline')
await rail('Studies')
await page.waitForTimeout(500)
await picture('studies-offline')
if (large) {
  await page.getByRole('button', { name: 'Folders' }).click()
  await page.getByRole('button', { name: 'Add a folder' }).click()
  await page.getByRole('button', { name: `Open ${basename(large)}`, exact: true }).click()
  await page.getByText(`Folder: ${basename(large)}`).waitFor()
  await page.getByRole('button', { name: 'Choose this folder' }).click()
  await page.waitForTimeout(700)
  await picture('studies-indexing', [[1280, 800]])
  await page.keyboard.press('Escape')
  await page.getByText(/20,00\d studies/).waitFor({ timeout: 300_000 })
  await picture('studies-20000')
}
await browser.close()
await workstation.end()
relay = await startProgram(['relay', '--demonstration', '--port', port, '--data', join(data, 'relay')])
await relay.end()
