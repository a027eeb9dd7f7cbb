import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasChromium, launchBrowser } from '../support/browser.ts'
import { startFakePortal, type FakePortal } from './support/fake-portal.ts'

const built = existsSync(resolve(import.meta.dirname, '../../out/portal/index.html'))

/** Stored values replace the small picture after a time that depends on the machine. */
const PATIENT = { timeout: 60_000 }

let browser: Browser
let portal: FakePortal
let context: BrowserContext
let page: Page

beforeAll(async () => {
  if (!hasChromium || !built) return
  browser = await launchBrowser()
  portal = await startFakePortal()
})
afterAll(async () => {
  await browser?.close()
  await portal?.close()
})
beforeEach(async () => {
  if (!hasChromium || !built) return
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await context.newPage()
})
afterEach(async () => {
  await context?.close()
})

async function open(study: number, series: RegExp | null = null) {
  await page.goto(`${portal.url}/s/${study === 0 ? 'open' : 'long'}`)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page
    .getByRole('button', { name: /View images/ })
    .nth(study)
    .click()
  if (series) await page.getByRole('navigation', { name: 'Series' }).getByRole('button', { name: series }).click()
  await page.getByRole('group', { name: 'Images of a series' }).waitFor()
}
const image = (name: string) => page.getByRole('img', { name, exact: true }).waitFor()
const tool = (name: string | RegExp) =>
  page.getByRole('toolbar', { name: 'Viewer tools' }).getByRole('button', { name })

/**
 * Returns the grey of the canvas at a position in the frame, −1 to 1 from its middle. Frames of 512 × 512 fit by
 * height.
 */
const gray = (x: number, y: number) =>
  page.evaluate(
    ([x, y]) => {
      const canvas = document.querySelector('canvas')!
      const half = Math.min(canvas.width, canvas.height) / 2
      return canvas
        .getContext('2d')!
        .getImageData(Math.round(canvas.width / 2 + x! * half), Math.round(canvas.height / 2 + y! * half), 1, 1)
        .data[0]!
    },
    [x, y],
  )
const settled = async (x: number, y: number, expected: (value: number) => boolean) => {
  await expect.poll(async () => expected(await gray(x, y)), PATIENT).toBe(true)
}

describe.skipIf(!hasChromium || !built)('the viewer', () => {
  it('W4: scrolls by wheel, arrows, Page keys, Home and End', async () => {
    await open(0)
    await image('Image 1 of 80')
    await page.locator('canvas').hover()
    await page.mouse.wheel(0, 120)
    await image('Image 2 of 80')
    for (const [key, index] of [
      ['ArrowDown', 3],
      ['ArrowRight', 4],
      ['ArrowUp', 3],
      ['PageDown', 13],
      ['PageUp', 3],
      ['End', 80],
      ['ArrowDown', 80],
      ['Home', 1],
    ] as const) {
      await page.keyboard.press(key)
      await image(`Image ${index} of 80`)
    }
    expect(await page.getByText('1 / 80').count()).toBe(1)
  })

  // The spine at (0, 0.38) is 700 HU, air −1000, the ring of fat at (0, −0.56) is −100, and soft tissue at the
  // middle of the upper part is 45.
  it('W4: shows stored values through rescale and window, and presets by key', async () => {
    await open(0)
    await settled(0, 0.38, (value) => value === 255)
    expect(await gray(0, -0.9)).toBe(0)
    // The stored value of soft tissue, C 40 W 400: ((45 − 39.5) / 399 + 0.5) · 255 = 131.
    await settled(0.08, -0.1, (value) => value === 131)
    await page.keyboard.press('4')
    // The same with the bone window, C 400 W 1800: ((45 − 399.5) / 1799 + 0.5) · 255 = 77.25.
    await settled(0.08, -0.1, (value) => value === 77)
    expect(await page.getByText('W 1,800 C 400').count()).toBe(1)
    expect(await page.getByLabel('Window').inputValue()).toBe('bone')
    await page.keyboard.press('i')
    await settled(0.08, -0.1, (value) => value === 178)
    await page.keyboard.press('r')
    await settled(0.08, -0.1, (value) => value === 131)
  })

  it('W4: a drag sets the window, the right button zooms, the middle one moves, R puts everything back', async () => {
    await open(0)
    await settled(0, 0.38, (value) => value === 255)
    const box = (await page.locator('canvas').boundingBox())!
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const drag = async (name: 'left' | 'middle' | 'right', dx: number, dy: number) => {
      await page.mouse.move(x, y)
      await page.mouse.down({ button: name })
      await page.mouse.move(x + dx, y + dy, { steps: 4 })
      await page.mouse.up({ button: name })
    }
    // 30 px at 400 / 300 a pixel widen by 40; the step grows a little with the width.
    await drag('left', 30, 0)
    await expect
      .poll(async () => Number(/W (\d+)/.exec(await page.locator('[class*=overlay]').innerText())?.[1]), PATIENT)
      .toBeGreaterThan(435)
    await page.keyboard.press('r')
    await page.getByText('W 400 C 40').waitFor()
    await drag('middle', 0, 120)
    await settled(0, 0.38, (value) => value < 255)
    await page.keyboard.press('r')
    await settled(0, 0.38, (value) => value === 255)
    await drag('right', 0, -150)
    await settled(0, 0.38, (value) => value < 255)
  })

  it('W4: turns and mirrors, and the letters of the patient’s sides go along', async () => {
    await open(0)
    await settled(0, 0.38, (value) => value === 255)
    const letters = async () =>
      (await page.locator('[class*=overlay]').innerText())
        .split('\n')
        .filter((line) => /^[LRAPHF]$/.test(line))
        .join('')
    expect(await letters()).toBe('RLAP')
    await tool(/Mirror/).click()
    await expect.poll(letters, PATIENT).toBe('LRAP')
    await tool(/Mirror/).click()
    await tool(/Turn by 90/).click()
    await expect.poll(letters, PATIENT).toBe('PARL')
    // After the clockwise turn the spine is on the left.
    await settled(-0.38, 0, (value) => value === 255)
  })

  it('W4: cine plays and stops by Space', async () => {
    await open(0, /cine/)
    await image('Image 1 of 12, frame 1 of 12')
    await page.keyboard.press(' ')
    await tool(/Pause/).waitFor()
    // Every frame of the page is checked. Polling twice a second would see the same few images of a loop of half a
    // second.
    await page.waitForFunction(
      () => document.querySelector('[role=img][aria-label="Image 5 of 12, frame 5 of 12"]') !== null,
      undefined,
      { polling: 'raf' },
    )
    await page.keyboard.press(' ')
    await tool(/Play/).waitFor()
  })

  it('W3: a damaged image says why and stops nothing else', async () => {
    await open(0, /Scout/)
    await image('Image 1 of 5')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.getByRole('alert').filter({ hasText: 'This image is damaged and cannot be shown.' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await image('Image 4 of 5')
    expect(await page.getByRole('alert').count()).toBe(0)
    await settled(0, 0.38, (value) => value === 255)
  })

  it('W3: a video is named and offered', async () => {
    await open(1, /Endoscopy/)
    await page.getByRole('alert').filter({ hasText: 'This is a video.' }).waitFor()
    expect(await page.getByRole('button', { name: 'Get the video' }).isVisible()).toBe(true)
  })

  it('a report is named, opened and saved', async () => {
    await open(0, /Report/)
    expect(await page.getByRole('link', { name: 'Open report' }).getAttribute('target')).toBe('_blank')
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ])
    expect(saved.suggestedFilename()).toBe('Report.pdf')
    expect(readFileSync(await saved.path(), 'latin1').slice(0, 5)).toBe('%PDF-')
  })

  it('W4: MONOCHROME1 is shown the right way round, colour keeps its colours', async () => {
    await open(1)
    // The spine absorbs most: it has the smallest stored value, so it is the brightest part in MONOCHROME1.
    await settled(0, 0.38, (value) => value === 255)
    await page
      .getByRole('navigation', { name: 'Series' })
      .getByRole('button', { name: /Abdomen/ })
      .click()
    const color = () =>
      page.evaluate(() => {
        const canvas = document.querySelector('canvas')!
        const half = Math.min(canvas.width, canvas.height) / 2
        return [
          ...canvas
            .getContext('2d')!
            .getImageData(Math.round(canvas.width / 2), Math.round(canvas.height / 2 + 0.2 * half), 1, 1).data,
        ]
      })
    await expect.poll(async () => (await color())[0], PATIENT).toBe(220)
    expect(await page.getByLabel('Window').isDisabled()).toBe(true)
  })

  it('W12: every tool can be reached by keyboard', async () => {
    await open(0)
    await image('Image 1 of 80')
    await page.getByRole('group', { name: 'Images of a series' }).focus()
    const reached: string[] = []
    for (let step = 0; step < 10; step += 1) {
      await page.keyboard.press('Tab')
      reached.push(
        await page.evaluate(
          () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName ?? '',
        ),
      )
    }
    expect(reached).toEqual([
      'Scroll through images',
      'Brightness and contrast',
      'Zoom',
      'Move',
      'SELECT',
      'Invert (I)',
      'Turn by 90° (T)',
      'Mirror (M)',
      'Reset (R)',
      'Play (Space)',
    ])
    await page.keyboard.press('ArrowDown')
    await image('Image 2 of 80')
  })
})
