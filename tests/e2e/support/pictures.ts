/**
 * Takes the pictures of the README, from the real programs: relay, workstation, sample studies, a share in progress.
 * Run: node scripts/pictures.mjs [FOLDER]
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { TAG } from '../../../src-core/dicom/dictionary.ts'
import { filePreambleAndMeta, numberElement, textElement, writeDataset } from '../../../src-core/dicom/write.ts'
import { launchBrowser } from '../../support/browser.ts'
import { startProgram, temporaryFolder } from '../../support/programs.ts'
import { inventStudies } from './invented-data.ts'
import { painted } from './stillness.ts'

const [out = ''] = process.argv.slice(2)
if (out === '') throw new Error('name the folder that the pictures go to')
mkdirSync(out, { recursive: true })
const data = temporaryFolder('pictures')
const large = join(data, 'Hospital archive')

/** Writes twenty thousand invented studies of one image each, with headers only. */
function writeLargeFolder(): void {
  for (const [index, study] of inventStudies(20_000, new Date()).entries()) {
    const folder = join(large, String(Math.floor(index / 500)))
    mkdirSync(folder, { recursive: true })
    const SOPInstanceUID = `${study.StudyInstanceUID}.1.1`
    const SOPClassUID = '1.2.840.10008.5.1.4.1.1.7'
    const dataset = writeDataset([
      textElement(TAG.SOPClassUID, 'UI', SOPClassUID),
      textElement(TAG.SOPInstanceUID, 'UI', SOPInstanceUID),
      textElement(TAG.StudyDate, 'DA', study.StudyDate),
      textElement(TAG.StudyTime, 'TM', study.StudyTime),
      textElement(TAG.AccessionNumber, 'SH', study.AccessionNumber),
      textElement(TAG.Modality, 'CS', study.ModalitiesInStudy[0] ?? 'OT'),
      textElement(TAG.StudyDescription, 'LO', study.StudyDescription),
      textElement(TAG.PatientName, 'PN', study.PatientName.normalize('NFD').replaceAll(/\p{M}/gu, '')),
      textElement(TAG.PatientID, 'LO', study.PatientID),
      textElement(TAG.PatientBirthDate, 'DA', study.PatientBirthDate),
      textElement(TAG.PatientSex, 'CS', study.PatientSex),
      textElement(TAG.StudyInstanceUID, 'UI', study.StudyInstanceUID),
      textElement(TAG.SeriesInstanceUID, 'UI', `${study.StudyInstanceUID}.1`),
      numberElement(TAG.Rows, 'US', [512]),
      numberElement(TAG.Columns, 'US', [512]),
    ])
    const meta = filePreambleAndMeta({
      MediaStorageSOPClassUID: SOPClassUID,
      MediaStorageSOPInstanceUID: SOPInstanceUID,
      TransferSyntaxUID: '1.2.840.10008.1.2.1',
    })
    writeFileSync(join(folder, `${index}.dcm`), Buffer.concat([meta, dataset]))
  }
}

writeLargeFolder()
const relayArguments = ['relay', '--demonstration', '--data', join(data, 'relay')]
const relay = await startProgram(relayArguments)
const relayUrl = relay.ready.url!
const workstation = await startProgram(
  [
    'serve',
    '--no-open',
    '--data',
    join(data, 'workstation'),
    '--relay',
    relayUrl,
    '--code-file',
    relay.ready.codeFile!,
  ],
  // The page offers the folders of the home folder first.
  { OUTPOST_PASSPHRASE: 'pictures of samples', HOME: data },
)
const browser = await launchBrowser()
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
const page = await context.newPage()
page.setDefaultTimeout(300_000)
page.on('pageerror', (error) => console.error(error.message))

/** Sets the colours as Settings does; the page changes at once. */
async function chooseColours(scheme: 'dark' | 'light'): Promise<void> {
  await page.evaluate(async (colorScheme) => {
    await fetch('/rpc/settings/set', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-outpost-secret': sessionStorage.getItem('outpost-secret') ?? '',
      },
      body: JSON.stringify({ json: { colorScheme } }),
    })
  }, scheme)
  await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor()
}

/** Takes one picture of the current state for each colour scheme. */
async function picture(name: string, schemes: readonly ('dark' | 'light')[]): Promise<void> {
  for (const scheme of schemes) {
    await chooseColours(scheme)
    await painted(page)
    await sharp(await page.screenshot())
      .png({ palette: true })
      .toFile(join(out, `${name}-${scheme}.png`))
    console.log(`${name}-${scheme}.png`)
  }
}
const button = (name: string | RegExp) => page.getByRole('button', { name })
const rail = (name: string) =>
  page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(name) })
    .click()

async function openStudy(name: string): Promise<void> {
  await page
    .getByRole('row', { name: new RegExp(name) })
    .first()
    .click()
  await page.getByRole('img', { name: /^Image 1 of/ }).waitFor()
}

async function fill(message: string): Promise<void> {
  for (const [typed, name] of [
    ['zandloper', 'Mieke Zandloper'],
    ['mustermann', 'Jürgen Mustermann'],
  ] as const) {
    await page.getByRole('combobox', { name: /hysician number/ }).fill(typed)
    await page.getByRole('option', { name: new RegExp(name) }).click()
  }
  await button('Second opinion').click()
  await page.getByRole('checkbox', { name: 'The patient agreed' }).check()
  await page.getByRole('textbox', { name: 'Message to the recipient' }).fill(message)
}

/** Shares, and waits until the confirmation shows the result. */
async function share(says: RegExp): Promise<void> {
  await button(/^Share 1 study/).click()
  await page.getByText(says).waitFor()
}

/** Files of the last minute count as arriving; the list is requested again until none does. */
async function untilArrived(): Promise<void> {
  for (;;) {
    await page.reload()
    await page.getByRole('row', { name: /SAMPLE, Carla/ }).waitFor()
    if ((await page.getByText('Arriving').count()) === 0) return
    await page.waitForTimeout(5_000)
  }
}

/** Returns the text of the first message that the relay sent by a channel, from its own outbox page. */
async function messageBy(channel: 'mail' | 'text', recipient?: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`${relayUrl}/outbox`, { headers: { accept: 'application/json' } })
    const messages = (await answer.json()) as { recipient: string; channel: string; body: string }[]
    const found = messages.find(
      (message) => message.channel === channel && (recipient === undefined || message.recipient === recipient),
    )
    if (found !== undefined) return found.body
    await page.waitForTimeout(500)
  }
}

/** Takes the recipient's pages on a phone: the link, the exam, the images, side by side. */
async function recipientPicture(): Promise<void> {
  const link = (await messageBy('mail', 'recipient-01@example.org')).match(/http:\S+\/s\/[\w-]+/)![0]
  const phone: Page = await browser.newPage({
    viewport: { width: 360, height: 740 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    hasTouch: true,
    isMobile: true,
  })
  phone.setDefaultTimeout(300_000)
  const shots: Buffer[] = []
  const shot = async () => {
    await painted(phone)
    shots.push(await phone.screenshot())
  }
  await phone.goto(link)
  await phone.getByRole('combobox').selectOption('en')
  await phone.getByRole('button', { name: 'Send the code' }).waitFor()
  await shot()
  await phone.getByRole('button', { name: 'Send the code' }).click()
  await phone.getByLabel('Code of 6 digits').fill((await messageBy('text')).match(/\b\d{6}\b/)![0])
  await phone.keyboard.press('Enter')
  await phone.locator('.picture img').waitFor()
  await shot()
  await phone.getByRole('button', { name: /View images/ }).click()
  await phone.getByRole('img', { name: 'Image 1 of 80' }).waitFor()
  // The window is shown once the stored values have replaced the preview.
  await phone.getByText(/^W \d+/).waitFor()
  await shot()
  await phone.close()
  const gap = 40
  await sharp({ create: { width: 4 * gap + 3 * 360, height: 740 + 2 * gap, channels: 3, background: '#c9ced6' } })
    .composite(shots.map((input, index) => ({ input, left: gap + index * (360 + gap), top: gap })))
    .png({ palette: true })
    .toFile(join(out, 'recipient.png'))
  console.log('recipient.png')
}

await page.goto(workstation.ready.url!)
await button(/demonstration/).click()
await button('Open sample studies').click()
await page.getByRole('row', { name: /SAMPLE, Carla.*80/ }).waitFor()
await untilArrived()
await picture('studies', ['dark'])

await openStudy('SAMPLE, Carla')
for (let image = 1; image < 40; image += 1) await page.keyboard.press('ArrowDown')
await page.getByRole('img', { name: 'Image 40 of 80' }).waitFor()
await fill('Please look at the nodule in image 40.')
await page.getByRole('combobox', { name: /hysician number/ }).scrollIntoViewIfNeeded()
await picture('study-share', ['dark', 'light'])
await share(/The relay has it/)
await recipientPicture()

await rail('Status')
await page.getByText('Opened', { exact: true }).first().waitFor()
await button(/^Show the share/)
  .first()
  .click()
await picture('status', ['light'])

await relay.end('SIGTERM')
await rail('Studies')
await openStudy('SAMPLE, Max')
await fill('')
await share(/It will be sent automatically/)
await rail('Outbox')
await page.getByText(/^Offline/).waitFor()
await page.getByText(/^(Waiting|Ready to send)$/).waitFor()
await picture('outbox-offline', ['dark'])

await rail('Studies')
await button('Folders').click()
await button('Add a folder').click()
await button('Open Hospital archive').click()
await page.getByText('Folder: Hospital archive').waitFor()
await button('Choose this folder').click()
await page.keyboard.press('Escape')
await page.getByText(/20,00\d studies/).waitFor()
await page.getByRole('group', { name: 'Reading folders' }).waitFor({ state: 'hidden' })
await picture('studies-20000', ['dark'])

await browser.close()
await workstation.end()
// The database of the relay's demonstration ends with the relay.
rmSync(data, { recursive: true, force: true })
