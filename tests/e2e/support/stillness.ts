import type { Page } from 'playwright-core'

/** Resolves once nothing on the page fades or moves any more: colours are then those that a person sees. */
export async function stillness(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // What is on its way is drawn first, so that its animation has begun.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
  })
}
