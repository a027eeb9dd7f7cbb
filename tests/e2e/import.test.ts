/**
 * Imports a ZIP in a real browser, against the in-memory workstation: the page asks for the patient and guesses
 * nothing.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, startChromium } from './support/chromium.ts'
import { serveFakeWorkstation } from './support/fake-workstation.ts'

const built = existsSync(join(import.meta.dirname, '../../out/renderer/index.html'))
let browser: Browser
let page: Page
let stop: () => Promise<void> = async () => {}

describe.skipIf(!built || CHROMIUM === undefined)('X7: the import', () => {
  beforeAll(async () => {
    browser = await startChromium()
  })
  afterAll(() => browser?.close())
  afterEach(() => stop())

  it('X7: a patient who may be somebody else must be chosen for; the others need no answer', async () => {
    const fake = await serveFakeWorkstation('few')
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      colorScheme: 'dark',
    })
    stop = async () => {
      await context.close()
      await fake.close()
    }
    page = await context.newPage()
    page.setDefaultTimeout(60_000)
    await page.goto(fake.url)
    await page.getByRole('button', { name: 'Folders' }).click()
    await page.getByRole('button', { name: 'Import a disc or ZIP' }).click()
    await page.getByRole('button', { name: 'disc.zip' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import a disc, USB drive or ZIP' })
    const start = dialog.getByRole('button', { name: 'Import 242 images' })
    await start.waitFor()
    expect(await start.isDisabled()).toBe(true)
    expect(await dialog.getByText('2 images that the disc').isVisible()).toBe(true)
    const iris = dialog.getByRole('region', { name: 'SAMPLE, Iris' })
    expect(await iris.getByRole('radio', { checked: true }).count()).toBe(0)
    expect(
      await dialog
        .getByRole('region', { name: 'SPECIMEN, Otto' })
        .getByRole('radio', { name: 'As they are' })
        .isChecked(),
    ).toBe(true)
    const { violations } = await new AxeBuilder({ page }).include('[role="dialog"]').analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
    ).toEqual([])
    await iris.getByRole('radio', { name: 'They belong to SAMPLE, Iris Maria' }).check()
    await start.click()
    await dialog.getByText('242 images were imported.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await dialog.waitFor({ state: 'hidden' })
  })
})
