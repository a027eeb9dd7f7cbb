/** Tests the pixel review in a real browser against the in-memory workstation: by mouse, by keyboard, and by axe. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHROMIUM, startChromium } from './support/chromium.ts'
import type { FakeState } from './support/fake-state.ts'
import { serveFakeWorkstation } from './support/fake-workstation.ts'
import { stillness } from './support/stillness.ts'

const built = existsSync(join(import.meta.dirname, '../../out/renderer/index.html'))
let browser: Browser
let page: Page
let state: FakeState
let stop: () => Promise<void> = async () => {}

async function axe(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`,
    ),
  )
}
const dialog = () => page.getByRole('dialog', { name: /^Review images/ })
const region = (number: number) => dialog().getByRole('button', { name: new RegExp(`^Rectangle ${number}:`) })
const signOff = () => dialog().getByRole('button', { name: 'Sign off 4 images' })

describe.skipIf(CHROMIUM === undefined || !built)('looking at pixels', () => {
  beforeAll(async () => {
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser?.close()
  })
  afterEach(() => stop())
  beforeEach(async () => {
    const fake = await serveFakeWorkstation('few')
    state = fake.state
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      colorScheme: 'dark',
    })
    page = await context.newPage()
    page.setDefaultTimeout(60_000)
    stop = async () => {
      await context.close()
      await fake.close()
    }
    await page.goto(fake.url)
    await page
      .getByRole('grid', { name: 'Studies' })
      .getByRole('row', { name: /CT thorax/ })
      .first()
      .click()
    await page.getByRole('switch', { name: /Anonymize/ }).click()
  })
  const open = async (): Promise<void> => {
    await page.getByRole('button', { name: /^Review images/ }).click()
    await dialog()
      .getByText(/of 4 seen/)
      .waitFor()
  }

  it('D5: images are signed off only once all were seen, with the drawn regions; then no refusal is left', async () => {
    await open()
    await dialog().getByText('1 of 4 seen').waitFor()
    expect(await signOff().isDisabled()).toBe(true)
    // The region that the device's data proposes is already there.
    expect(await region(1).count()).toBe(1)
    const picture = await dialog().getByRole('img', { name: 'Image 1 of 4' }).boundingBox()
    await page.mouse.move(picture!.x + picture!.width * 0.25, picture!.y + picture!.height * 0.5)
    await page.mouse.down()
    await page.mouse.move(picture!.x + picture!.width * 0.5, picture!.y + picture!.height * 0.75, { steps: 4 })
    await page.mouse.up()
    await region(2).waitFor()
    for (let image = 2; image <= 4; image++) {
      await dialog().getByRole('button', { name: 'Next' }).click()
      await dialog().getByText(`${image} of 4 seen`).waitFor()
    }
    await dialog().getByText('You sign off as Tess Technologist (sample). This is recorded.').waitFor()
    await signOff().click()
    await dialog().waitFor({ state: 'detached' })
    expect(state.signed).toHaveLength(1)
    const [first, drawn] = state.signed[0]!
    expect(first).toEqual({ x: 0, y: 0, width: 512, height: 40 })
    for (const [value, wanted] of [
      [drawn!.x, 128],
      [drawn!.y, 256],
      [drawn!.width, 128],
      [drawn!.height, 128],
    ] as const)
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(3)
    await page.getByText('4 images signed off by Tess Technologist (sample)').waitFor()
    await page.getByText('2 rectangles blacked out.').waitFor()
    expect(await page.getByText('cannot be anonymized as').count()).toBe(0)
  })

  it('W12, D5: the keyboard opens the review, draws, moves, sizes and removes regions, and signs off', async () => {
    await page.getByRole('button', { name: /^Review images/ }).focus()
    await page.keyboard.press('Enter')
    await dialog().getByText('1 of 4 seen').waitFor()
    for (let image = 2; image <= 4; image++) {
      await page.keyboard.press('PageDown')
      await dialog().getByText(`${image} of 4 seen`).waitFor()
    }
    await dialog().getByRole('button', { name: 'Add a rectangle' }).focus()
    await page.keyboard.press('Enter')
    await region(2).waitFor()
    await expect.poll(() => region(2).evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await region(2).getAttribute('aria-label')).toBe('Rectangle 2: 102 × 102 pixels at 205, 205')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Alt+ArrowUp')
    expect(await region(2).getAttribute('aria-label')).toBe('Rectangle 2: 102 × 110 pixels at 197, 204')
    await region(1).focus()
    await page.keyboard.press('Delete')
    expect(
      await dialog()
        .getByRole('button', { name: /^Rectangle \d/ })
        .count(),
    ).toBe(1)
    await signOff().focus()
    await page.keyboard.press('Enter')
    await dialog().waitFor({ state: 'detached' })
    expect(state.signed).toEqual([[{ x: 197, y: 204, width: 102, height: 110 }]])
  })

  it('D5: an image that cannot be shown is never signed off', async () => {
    await page.route(/instances\/[^/]+\.3\/frames\/1\/rendered/, (route) =>
      route.fulfill({ status: 422, json: { code: 'decode-failed' } }),
    )
    await open()
    for (const seen of [/^2 of [34] seen$/, '2 of 3 seen', '3 of 3 seen']) {
      await dialog().getByRole('button', { name: 'Next' }).click()
      await dialog().getByText(seen).waitFor()
    }
    await dialog().getByRole('button', { name: 'Sign off 3 images' }).click()
    await dialog().waitFor({ state: 'detached' })
    expect(state.signedOff.flatMap((line) => line.SOPInstanceUIDs).some((uid) => uid.endsWith('.3'))).toBe(false)
    await page.getByText('1 image cannot be anonymized as it is').waitFor()
  })

  it('D8: the elements to be removed are listed and filtered; dates are moved or kept, never both', async () => {
    await page.getByRole('button', { name: 'What will be removed' }).click()
    const preview = page.getByRole('dialog', { name: 'What will be removed' })
    await preview.getByRole('row', { name: /PatientName.*Replaced.*DOE\^Jane.*Anonymous\^1/ }).waitFor()
    expect(await axe()).toEqual([])
    await preview.getByText('Removed', { exact: true }).first().click()
    await preview.getByRole('row', { name: /PatientBirthDate/ }).waitFor()
    expect(await preview.getByRole('row').count()).toBe(2)
    await preview.getByRole('checkbox', { name: 'Keep dates and times as they are' }).check()
    await preview.getByRole('checkbox', { name: 'Keep dates, moved' }).check()
    expect(await preview.getByRole('checkbox', { name: 'Keep dates and times as they are' }).isChecked()).toBe(false)
  })

  it.each(['dark', 'light'] as const)('W12: axe finds nothing in the look, %s', async (scheme) => {
    state.settings.colorScheme = scheme
    state.emit({ type: 'settings' })
    await open()
    await stillness(page)
    expect(await axe()).toEqual([])
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `look-${scheme}.png`) })
  })
})
