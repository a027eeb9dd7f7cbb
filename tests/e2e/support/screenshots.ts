/**
 * Pictures of every screen in its rare states, from the fake workstation and the built page: dark and light.
 * Run: node tests/e2e/support/screenshots.ts FOLDER [part of a name] [WIDTHxHEIGHT]
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startChromium } from './chromium.ts'
import { serveFakeWorkstation } from './fake-workstation.ts'
import { stillness } from './stillness.ts'
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
    await page.evaluate((value) => document.documentElement.setAttribute('data-mantine-color-scheme', value), scheme)
    await stillness(page)
    await page.waitForLoadState('networkidle').catch(() => {})
    await page.screenshot({ path: join(folder, `${name.replaceAll(/\W+/g, '-')}-${scheme}.png`) })
  }
  await page.close()
  await fake.close()
}
await browser.close()
process.exitCode = failed === 0 ? 0 : 1
