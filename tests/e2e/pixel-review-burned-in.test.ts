/**
 * Reviews a name burned into an ultrasound cine, on the real programs: each frame is seen, the name is blacked out and
 * signed off, and the exam is shared anonymized.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launchBrowser } from '../support/browser.ts'
import { root, freshAddress, startProgram, temporaryFolder, type Program } from '../support/programs.ts'

const built = existsSync(join(root, 'out/renderer/index.html'))

describe.skipIf(!hasChromium || !built)('a burned-in name', { timeout: 240_000 }, () => {
  const data = temporaryFolder('look')
  let browser: Browser
  let relay: Program
  let workstation: Program
  let page: Page
  const logs = (): string =>
    readdirSync(join(data, 'workstation', 'logs'))
      .map((file) => readFileSync(join(data, 'workstation', 'logs', file), 'utf8'))
      .join('')

  beforeAll(async () => {
    browser = await launchBrowser()
    relay = await startProgram(['relay', '--demonstration', '--port', '0', '--data', join(data, 'relay')])
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(relay.output())![0]
    workstation = await startProgram(
      [
        'serve',
        '--no-open',
        '--data',
        join(data, 'workstation'),
        '--relay',
        url,
        '--code-file',
        join(data, 'relay', 'enrolment-code'),
      ],
      { OUTPOST_PASSPHRASE: 'correct horse battery' },
    )
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
    page = await context.newPage()
    page.setDefaultTimeout(60_000)
    await page.goto(freshAddress(join(data, 'workstation')))
  })
  afterAll(async () => {
    await browser?.close()
    await workstation?.end()
    await relay?.end()
  })

  it('D5, D7, D8: refused, looked at, blacked out, previewed, shared', async () => {
    await page.getByRole('button', { name: /demonstration/ }).click()
    await page.getByRole('button', { name: 'Open sample studies' }).click()
    await page.getByRole('row', { name: /SAMPLE, Ursula/ }).click({ timeout: 60_000 })
    await page.getByRole('switch', { name: /Anonymize/ }).click()
    await page.getByText('1 image cannot be anonymized as it is').waitFor()

    await page.getByRole('button', { name: 'What will be removed' }).click()
    const preview = page.getByRole('dialog', { name: 'What will be removed' })
    await preview.getByRole('row', { name: /PatientName.*Replaced.*Ursula.*Anonymous\^1/ }).waitFor()
    await preview.getByRole('button', { name: 'Close' }).click()

    await page.getByRole('button', { name: /^Review images/ }).click()
    const review = page.getByRole('dialog', { name: /^Review images/ })
    await review.getByText('Proposed: everything outside the image area').waitFor()
    await review.getByRole('button', { name: 'Play' }).click()
    await review.getByText('24 of 24 seen').waitFor({ timeout: 60_000 })
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'look-ultrasound.png') })
    await review.getByRole('button', { name: 'Sign off 1 image' }).click()
    await review.waitFor({ state: 'detached' })
    await page.getByText(/1 image signed off by .*2 rectangles blacked out/).waitFor()
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'look-signed.png') })

    await page.getByRole('combobox', { name: /hysician number/ }).fill('zandloper')
    await page.getByRole('option', { name: /Mieke Zandloper/ }).click()
    await page.getByRole('button', { name: 'Second opinion' }).click()
    await page.getByRole('checkbox', { name: 'The patient agreed' }).check()
    await page.getByRole('button', { name: /^Share 1 study of SAMPLE, Ursula \(anonymized\)/ }).click()
    await page.getByRole('button', { name: 'Open Outbox' }).click()
    await page.getByText('Delivered').first().waitFor({ timeout: 90_000 })
  })

  it('W10: the log tells nothing of what was seen', () => {
    expect(logs()).toContain('started')
    for (const word of ['Ursula', 'SAMPLE-00', 'Anonymous^']) expect(logs()).not.toContain(word)
  })
})
