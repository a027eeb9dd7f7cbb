/**
 * Esc closes only the topmost layer: every dialog, drawer, panel and list of choices is opened over a share form or
 * over another layer, and one Esc must leave everything below unchanged.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, startChromium } from './support/chromium.ts'
import { serveFakeWorkstation } from './support/fake-workstation.ts'

const built = existsSync(join(import.meta.dirname, '../../out/renderer/index.html'))
let browser: Browser

async function withPage(use: (page: Page) => Promise<void>): Promise<void> {
  const fake = await serveFakeWorkstation('few')
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  try {
    const page = await context.newPage()
    await page.goto(fake.url)
    await use(page)
  } finally {
    await context.close()
    await fake.close()
  }
}

const inStudy = (page: Page) => page.getByRole('form', { name: 'Share' })

async function fillIn(page: Page): Promise<void> {
  await page
    .getByRole('row', { name: /CT thorax/ })
    .first()
    .click()
  await inStudy(page).waitFor()
  await page.getByRole('button', { name: 'Dr Anna Voorbeeld' }).click()
  await page.getByRole('button', { name: 'Follow-up' }).click()
}

async function stillFilledIn(page: Page): Promise<void> {
  await inStudy(page).waitFor()
  expect(await page.getByLabel(/Reason for sharing/).inputValue()).toBe('Follow-up')
  await inStudy(page)
    .getByRole('button', { name: /Remove.*Dr Anna Voorbeeld/ })
    .waitFor()
}

const dialog = (page: Page) => page.getByRole('dialog')

/** How each layer is opened over the form, and how it is found. */
const OVER_THE_FORM: readonly (readonly [
  string,
  (page: Page) => Promise<void>,
  (page: Page) => ReturnType<Page['locator']>,
])[] = [
  [
    'the list of what will be removed',
    async (page) => {
      await page.getByRole('switch', { name: 'Anonymize' }).click()
      await page.getByRole('button', { name: 'What will be removed' }).click()
    },
    dialog,
  ],
  [
    'the choice of images',
    async (page) => {
      await page.getByText('Chosen series').click()
      await page
        .getByRole('button', { name: /hoose images/ })
        .first()
        .click()
    },
    dialog,
  ],
  [
    'the list of keys',
    async (page) => {
      await page.getByRole('button', { name: 'Keys' }).click()
    },
    dialog,
  ],
  [
    'the palette',
    async (page) => {
      await page.keyboard.press('Control+k')
    },
    dialog,
  ],
  [
    'what the recipient sees',
    async (page) => {
      await page.getByRole('button', { name: 'As the recipient sees it' }).click()
    },
    (page) => page.getByRole('complementary', { name: 'As the recipient sees it' }),
  ],
  [
    'the list of people found',
    async (page) => {
      await page.getByRole('combobox', { name: /hysician number/ }).fill('e')
    },
    (page) => page.getByRole('listbox'),
  ],
  [
    'the calendar',
    async (page) => {
      await page.getByText('Until a day').click()
      await page.getByLabel(/Valid until/).click()
    },
    (page) => page.locator('[data-dates-dropdown]'),
  ],
]

describe.skipIf(CHROMIUM === undefined || !built)('Esc', () => {
  beforeAll(async () => {
    browser = await startChromium()
  }, 60_000)
  afterAll(() => browser?.close())

  it.each(OVER_THE_FORM)(
    'W12: Esc closes %s and keeps the share that is being filled in',
    async (_, open, opened) =>
      withPage(async (page) => {
        await fillIn(page)
        await open(page)
        await opened(page).waitFor()
        await page.keyboard.press('Escape')
        await opened(page).waitFor({ state: 'hidden' })
        await stillFilledIn(page)
      }),
    60_000,
  )

  it(
    'W12: of two dialogs one Esc closes the upper one only, and of nothing open it leads back to the list',
    async () =>
      withPage(async (page) => {
        await page.getByRole('button', { name: 'Folders' }).click()
        await page.getByRole('button', { name: /Import/ }).click()
        await expect.poll(() => dialog(page).count()).toBe(2)
        await page.keyboard.press('Escape')
        await expect.poll(() => dialog(page).count()).toBe(1)
        await page.keyboard.press('Escape')
        await expect.poll(() => dialog(page).count()).toBe(0)
        await fillIn(page)
        await page.getByRole('heading').first().click()
        await page.keyboard.press('Escape')
        await page.getByRole('grid', { name: 'Studies' }).waitFor()
      }),
    60_000,
  )
})
