import type { Page } from 'playwright-core'
import type { FakeState } from './fake-state.ts'

/** Resolves once no element of the page fades or moves any more: the colours are then those that a person sees. */
export async function stillness(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // Two frames are drawn first, so that a pending animation has begun.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
  })
}

/** Shows the page of a fake workstation in these colours, also before a person has signed in. */
export async function showColours(page: Page, state: FakeState, scheme: 'dark' | 'light'): Promise<void> {
  state.settings.colorScheme = scheme
  state.emit({ type: 'settings' })
  // An answer that was on its way before the setting changed may come after it, so the scheme is held.
  await page.evaluate((wanted) => {
    const html = document.documentElement
    const name = 'data-mantine-color-scheme'
    const held = window as { heldScheme?: MutationObserver }
    held.heldScheme?.disconnect()
    held.heldScheme = new MutationObserver(() => {
      if (html.getAttribute(name) !== wanted) html.setAttribute(name, wanted)
    })
    held.heldScheme.observe(html, { attributes: true, attributeFilter: [name] })
    html.setAttribute(name, wanted)
  }, scheme)
  await stillness(page)
}

/** Resolves once every picture of the page has loaded, and the viewer, where there is one, shows an image. */
export async function painted(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const lit = (canvas: HTMLCanvasElement) =>
      canvas
        .getContext('2d')
        ?.getImageData(0, 0, canvas.width, canvas.height)
        .data.some((value, index) => index % 4 === 0 && value > 100)
    const canvas = document.querySelector('canvas')
    return [...document.images].every((image) => image.complete) && (canvas === null || lit(canvas))
  })
  await stillness(page)
}
