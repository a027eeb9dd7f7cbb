/**
 * Takes pictures of every screen in its rare states, of workstation and recipient's pages, from the fakes and the built
 * pages, dark and light.
 * Run: node tests/e2e/support/screenshots.ts FOLDER [part of a name, or recipient] [WIDTHxHEIGHT]
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startChromium } from './chromium.ts'
import { startFakePortal } from './fake-portal.ts'
import { serveFakeWorkstation } from './fake-workstation.ts'
import { portalScreens } from './portal-screens.ts'
import { showColours, stillness } from './stillness.ts'
import { WORKSTATION_SCREENS } from './workstation-screens.ts'

const [folder = 'screenshots', wanted = '', size = '1280x800'] = process.argv.slice(2)
const [width = 1280, height = 800] = size.split('x').map(Number)
await mkdir(folder, { recursive: true })
const browser = await startChromium()
let failed = 0
for (const { name, scenario, prepare } of WORKSTATION_SCREENS.filter((screen) => screen.name.includes(wanted))) {
  const fake = await serveFakeWorkstation(scenario)
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'dark', reducedMotion: 'reduce' })
  page.on('pageerror', (error) => console.error(`${name}: ${error.message}`))
  try {
    await page.goto(fake.url)
    await page.locator('h1').first().waitFor()
    await prepare?.(page, fake.state)
  } catch (error) {
    failed += 1
    console.error(`${name}: ${(error as Error).message}`)
  }
  for (const scheme of ['dark', 'light'] as const) {
    await showColours(page, fake.state, scheme)
    await page.screenshot({ path: join(folder, `${name.replaceAll(/\W+/g, '-')}-${scheme}.png`) })
  }
  await page.close()
  await fake.close()
}
if ('recipient'.includes(wanted)) {
  const portal = await startFakePortal()
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }
  const page = await browser.newPage(phone)
  for await (const name of portalScreens(page, portal)) {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await stillness(page)
      await page.screenshot({ path: join(folder, `recipient-${name.replaceAll(/\W+/g, '-')}-${colorScheme}.png`) })
    }
  }
  await page.close()
  await portal.close()
}
await browser.close()
process.exitCode = failed === 0 ? 0 : 1
