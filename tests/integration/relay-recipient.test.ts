import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { generateSamples } from '../../resources/samples/generate.ts'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { serveRelay, type ServedRelay } from '../../src-relay/hosts/serve.ts'
import { hasChromium, launchBrowser } from '../support/browser.ts'
import {
  confirmRequest,
  enrolWorkstation,
  makePackage,
  MESSAGES,
  shownMessages,
  someRecipient,
  temporaryFolder,
  tokenIn,
  uploadPackage,
  writeSeed,
  type TestFile,
  type TestPackage,
  type TestWorkstation,
} from './relay-support.ts'

const pageFolder = resolve(import.meta.dirname, '../../out/portal')
const possible = hasChromium && existsSync(join(pageFolder, 'index.html'))

let temporary: { folder: string; remove(): Promise<void> }
let served: ServedRelay
let station: TestWorkstation
let testPackage: TestPackage
let browser: Browser
let context: BrowserContext
let page: Page
const consoleErrors: string[] = []
const images: string[] = []

const overHttp: typeof fetch = (input, init) => {
  const request = new Request(input as Request, init?.body ? ({ ...init, duplex: 'half' } as RequestInit) : init)
  return fetch(new Request(request.url.replace(/^http:\/\/(relay\.test|localhost)(?=\/)/, served.url), request))
}

/** Packs the sample study with the most images. */
async function packageOfSamples(folder: string): Promise<TestPackage> {
  await generateSamples(folder)
  const instances = []
  for (const name of await readdir(folder, { recursive: true })) {
    const bytes = await readFile(join(folder, name)).catch(() => null)
    if (bytes === null || bytes.subarray(128, 132).toString() !== 'DICM') continue
    instances.push({ bytes, dataset: parseDicom(bytes, { stopAtPixelData: true }).dataset })
  }
  const studies = [...Map.groupBy(instances, ({ dataset }) => text(dataset, TAG.StudyInstanceUID)).values()]
  const largest = studies.reduce((first, second) => (second.length > first.length ? second : first))
  const files = largest.map(
    ({ bytes, dataset }, index): TestFile => ({
      path: `DICOM/S0001/I${String(index + 1).padStart(4, '0')}`,
      bytes,
      entry: {
        kind: 'instance',
        StudyInstanceUID: text(dataset, TAG.StudyInstanceUID) as Uid,
        SeriesInstanceUID: text(dataset, TAG.SeriesInstanceUID) as Uid,
        SOPInstanceUID: text(dataset, TAG.SOPInstanceUID) as Uid,
        Modality: text(dataset, TAG.Modality),
      },
    }),
  )
  const { dataset } = largest[0]!
  return makePackage(station, files, [
    {
      StudyInstanceUID: text(dataset, TAG.StudyInstanceUID) as Uid,
      PatientName: text(dataset, TAG.PatientName),
      PatientID: text(dataset, TAG.PatientID),
      PatientBirthDate: text(dataset, TAG.PatientBirthDate),
      StudyDescription: text(dataset, TAG.StudyDescription),
      StudyDate: text(dataset, TAG.StudyDate),
      AccessionNumber: '',
    },
  ])
}

beforeAll(async () => {
  if (!possible) return
  temporary = await temporaryFolder()
  served = await serveRelay({
    port: 0,
    database: { embedded: join(temporary.folder, 'relay') },
    objects: { folder: join(temporary.folder, 'objects') },
    messagesFolder: MESSAGES,
    pageFolder,
    seed: await writeSeed(temporary.folder, { language: 'en' }),
    demonstration: true,
  })
  station = await enrolWorkstation(overHttp, 'RADI-OLOG-0001')
  testPackage = await packageOfSamples(join(temporary.folder, 'samples'))
  await uploadPackage(overHttp, station, testPackage)
  browser = await launchBrowser()
})

afterEach(async () => {
  await context?.close()
  expect(consoleErrors).toEqual([])
})

afterAll(async () => {
  if (!possible) return
  await browser.close()
  await served.close()
  await temporary.remove()
})

async function visit(grant = someRecipient()): Promise<{ shareId: string }> {
  const request = confirmRequest(testPackage, { grants: [grant] })
  await station.api.confirm(request)
  const [mail] = await shownMessages(overHttp, grant.email, 1)
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await context.newPage()
  consoleErrors.length = 0
  images.length = 0
  page.on('pageerror', (error) => consoleErrors.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|violates/i.test(message.text())) consoleErrors.push(message.text())
  })
  page.on('response', (response) => {
    if (response.url().includes('/frames/')) images.push(`${response.status()}`)
  })
  await page.goto(`${served.url}/s/${tokenIn(mail?.body ?? '')}`)
  return request
}

const button = (name: string | RegExp) => page.getByRole('button', { name })

describe.skipIf(!possible)('a recipient at the relay itself', () => {
  it('X6, U19: from the mailed link to the first image, under the relay’s own security headers', async () => {
    await visit()
    await button('Open').click()
    await page.getByText('Please compare with last year.').waitFor()
    await button(/^View images/)
      .first()
      .click()
    await page.getByRole('img', { name: /^Image 1 of/ }).waitFor()
    await expect.poll(() => images.length).toBeGreaterThan(0)
    expect(new Set(images)).toEqual(new Set(['200']))
    expect(page.url()).not.toMatch(/patient|study/i)
  })

  it('U7: with two-factor, the code of the text message opens', async () => {
    const grant = someRecipient({ twoFactor: true })
    await visit(grant)
    await button('Send the code').click()
    await page.getByLabel(/Code of 6 digits/).waitFor()
    const [message] = await shownMessages(overHttp, grant.mobile, 1)
    await page.getByLabel(/Code of 6 digits/).fill(/\d{6}/.exec(message?.body ?? '')?.[0] ?? '')
    const opened = page.getByText('Please compare with last year.').waitFor()
    // The page may submit by itself once six digits are entered; then the button disappears.
    const pressed = button('Open')
      .click()
      .catch(() => {})
    await Promise.race([opened, pressed])
    await opened
  })

  it('withdrawn while it is looked at: nothing more is given', async () => {
    const { shareId } = await visit()
    const answered = page.waitForResponse((response) => response.url().includes('/dicomweb/'))
    await button('Open').click()
    await page.getByText('Please compare with last year.').waitFor()
    const url = (await answered).url()
    await station.api.withdraw({ shareId, by: 'sample-technologist' })
    expect(await page.evaluate(async (address) => (await fetch(address)).status, url)).toBe(404)
    const response = await page.reload()
    expect(response?.status()).toBe(404)
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor()
  })
})
