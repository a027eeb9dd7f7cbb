/** Shows the recipient's pages in their usual and rare states, during one visit, for axe and for pictures. */
import type { Page } from 'playwright-core'
import { RIGHT_CODE, type FakePortal } from './fake-portal.ts'

/** Yields the name of each state while the page shows it. */
export async function* portalScreens(page: Page, portal: FakePortal): AsyncGenerator<string> {
  const button = (name: string) => page.getByRole('button', { name })
  const goTo = async (token: string) => {
    await page.goto(`${portal.url}/s/${token}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
  }
  await goTo('code')
  yield 'landing'
  await button('Send the code').click()
  await page.getByLabel('Code of 6 digits').fill('111111')
  await button('Open').click()
  await page.getByText('4 tries left.').waitFor()
  yield 'code'
  await page.getByLabel('Code of 6 digits').fill(RIGHT_CODE)
  await button('Open').click()
  await button('View images and report').waitFor()
  yield 'exam'
  await button('View images and report').click()
  await page.getByRole('img', { name: 'Image 1 of 80' }).waitFor()
  yield 'images'
  await button('Report').click()
  await page.getByRole('link', { name: 'Open report' }).waitFor()
  yield 'report'
  await button('Scout').click()
  await page.getByRole('img', { name: 'Image 1 of 5' }).waitFor()
  for (let image = 1; image < 3; image += 1) await page.keyboard.press('ArrowDown')
  await page.getByRole('alert').waitFor()
  yield 'damaged image'
  await page.goBack()
  await button('Close and sign out').click()
  await page.getByRole('heading', { name: 'Closed' }).waitFor()
  yield 'closed'
  for (const token of ['blocked', 'expired', 'nothing']) {
    await goTo(token)
    yield token
  }
  await goTo('long')
  await button('Open').click()
  await page.getByRole('heading', { name: 'Exams' }).waitFor()
  yield 'long names'
  await button('View images').last().click()
  await button('Endoscopy').click()
  await page.getByText(/video/i).last().waitFor()
  yield 'video'
  portal.withdraw()
  await button('Abdomen').click()
  await page.getByText('the sender has ended it').waitFor()
  yield 'withdrawn meanwhile'
  await page.context().setOffline(true)
  await button('Chest PA').click()
  await page.getByText('no connection').waitFor()
  yield 'offline'
}
