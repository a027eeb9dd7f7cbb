/**
 * Tests the workstation's screens in a real browser, against the in-memory workstation: the actions, the keyboard, and
 * axe.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, startChromium } from './support/chromium.ts'
import { ADMINISTRATOR, type FakeState, type Scenario } from './support/fake-state.ts'
import { serveFakeWorkstation } from './support/fake-workstation.ts'
import { WHOLE } from '../support/share.ts'
import { showColours } from './support/stillness.ts'
import { fillIn, openStudy, WORKSTATION_SCREENS } from './support/workstation-screens.ts'

const built = existsSync(join(import.meta.dirname, '../../out/renderer/index.html'))
let browser: Browser
let page: Page
let state: FakeState
/** The offsets of the pages of studies that were answered. */
const answeredOffsets = new Set<number>()
let stop: () => Promise<void> = async () => {}

async function open(scenario: Scenario, staff?: FakeState['staff']): Promise<void> {
  const fake = await serveFakeWorkstation(scenario)
  state = fake.state
  if (staff !== undefined) state.staff = staff
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    colorScheme: 'dark',
  })
  page = await context.newPage()
  page.setDefaultTimeout(60_000)
  answeredOffsets.clear()
  page.on('requestfinished', (request) => {
    const offset = /"offset":(\d+)/.exec(request.postData() ?? '')?.[1]
    if (request.url().includes('library/studies') && offset) answeredOffsets.add(Number(offset))
  })
  stop = async () => {
    await context.close()
    await fake.close()
  }
  await page.goto(fake.url)
  await page.locator('h1').first().waitFor()
}

const rail = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name })
const search = () => page.getByRole('combobox', { name: /hysician number/ })
const shareButton = () => page.getByRole('button', { name: /^Share \d/ })
const grid = () => page.getByRole('grid', { name: 'Studies' })

const SCHEMES = ['dark', 'light'] as const

const twoDigits = (number: number): string => String(number).padStart(2, '0')

/** Returns the WCAG AA violations of the page in its current state. */
async function axe(): Promise<string[]> {
  // The pages have no frames; without the search for frames axe takes half the time.
  const builder = new AxeBuilder({ page }).setLegacyMode()
  const { violations } = await builder.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
  return violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`,
    ),
  )
}

describe.skipIf(CHROMIUM === undefined || !built)('screens of the workstation', () => {
  beforeAll(async () => {
    browser = await startChromium()
  })
  afterEach(async () => {
    await stop()
  })
  afterAll(async () => {
    await browser?.close()
  })

  describe('studies', () => {
    it('W2: while a folder is read, the list is requested once a second up to the last change', async () => {
      await open('many')
      await grid().waitFor()
      let asked = 0
      let askedAfterTheLast = false
      let lastHasCome = false
      let emitted = 0
      const givenUp: string[] = []
      await page.route('**/rpc/library/studies', async (route) => {
        // Meanwhile the list reads other pages ahead, once each.
        if (/"offset":0\b/.test(route.request().postData() ?? '')) {
          asked += 1
          askedAfterTheLast ||= lastHasCome
        }
        // The answer is slower than the changes.
        const before = emitted
        await expect.poll(() => lastHasCome || emitted > before + 5).toBe(true)
        await route.continue().catch(() => {})
      })
      page.on('requestfailed', (request) => {
        if (request.url().includes('/rpc/library/studies')) givenUp.push(request.failure()?.errorText ?? '')
      })
      const began = Date.now()
      // The page sends requests at its own pace, at most once a second.
      await expect
        .poll(() => {
          state.emit({ type: 'library' })
          emitted += 1
          return asked
        })
        .toBeGreaterThan(2)
      const seconds = (Date.now() - began) / 1000
      expect(asked).toBeLessThanOrEqual(seconds + 2)
      lastHasCome = true
      state.emit({ type: 'library' })
      await expect.poll(() => askedAfterTheLast).toBe(true)
      expect(givenUp).toEqual([])
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    })
    it('W2: the search has the focus at the start, and Enter opens what was typed, not an earlier result', async () => {
      await open('many')
      expect(await page.getByRole('searchbox').evaluate((field) => field === document.activeElement)).toBe(true)
      await page.keyboard.type('doe jane thorax')
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Patient' }).getByText('DOE, Jane').waitFor()
    })

    it('W2: 20,000 studies scroll without a blank row, top to bottom', async () => {
      await open('many')
      await grid().getByRole('row').nth(1).waitFor()
      // The list reads itself ahead; the time for that depends on the machine.
      await expect.poll(() => Math.max(...answeredOffsets)).toBeGreaterThanOrEqual(19_500)
      const blank: number[] = []
      for (let part = 1; part <= 20; part += 1) {
        await grid().evaluate((element, share) => {
          element.scrollTop = element.scrollHeight * share
        }, part / 20)
        await page.evaluate(
          () =>
            new Promise((done) =>
              requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))),
            ),
        )
        blank.push(
          await grid().evaluate((element) => {
            const box = element.getBoundingClientRect()
            const seen = new Set<string>()
            for (let y = box.top + 45; y < box.bottom - 20; y += 17) {
              const row = document.elementFromPoint(box.left + 200, y)?.closest('[role="row"]')
              if (!row || !/[A-Z]+, /.test(row.textContent ?? '')) seen.add(String(y))
            }
            return seen.size
          }),
        )
      }
      expect(blank).toEqual(blank.map(() => 0))
    })

    it('W2: a click on a column sorts by it, a second one turns the order', async () => {
      await open('many')
      const header = grid().getByRole('columnheader', { name: 'Patient' })
      await header.getByRole('button').click()
      expect(await header.getAttribute('aria-sort')).toBe('ascending')
      await expect.poll(() => grid().getByRole('row').nth(1).textContent()).toContain('BEISPIEL')
      await header.getByRole('button').click()
      await expect.poll(() => grid().getByRole('row').nth(1).textContent()).toContain('VOORBEELD')
    })

    it('W12: arrows mark a study, Space selects it, Enter opens it', async () => {
      await open('few')
      await page.getByRole('searchbox').press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Space')
      expect(await grid().getByRole('row', { selected: true }).count()).toBe(1)
      await page.keyboard.press('Enter')
      await search().waitFor()
    })

    it('an empty library offers three ways, and the samples open', async () => {
      await open('empty')
      await page.getByRole('button', { name: 'Add a folder' }).waitFor()
      await page.getByRole('button', { name: 'Receive from a modality' }).waitFor()
      await page.getByRole('button', { name: 'Open sample studies' }).click()
      await grid().getByRole('row').nth(5).waitFor()
    })

    it('W15: a selection of two patients names them before it is shared', async () => {
      await open('few')
      await page
        .getByRole('checkbox', { name: /DOE, Jane/ })
        .first()
        .check()
      await page
        .getByRole('checkbox', { name: /SAMPLE/ })
        .first()
        .check()
      expect(await page.getByRole('alert').textContent()).toMatch(/DOE, Jane.*SAMPLE|SAMPLE.*DOE, Jane/)
      await page.getByRole('button', { name: 'Share selected' }).waitFor()
    })

    it('W15: a study of two patients and its share name both, and each name has its series', async () => {
      await open('two-patients')
      await page.getByRole('row', { name: /2 patients.*DOE, Jane.*ROE-VAN DEN BERGHE/ }).click()
      const panel = page.getByRole('form', { name: 'Share' })
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/DOE, Jane.*ROE-VAN DEN BERGHE/)
      await fillIn(page)
      await panel.getByRole('button', { name: /^Share 1 study of DOE, Jane.*ROE-VAN DEN BERGHE/ }).click()
      const dialog = page.getByRole('dialog')
      for (const name of ['DOE, Jane', 'ROE-VAN DEN BERGHE, Richard Maximilian'])
        await dialog.getByText(name, { exact: true }).waitFor()
      await dialog.getByRole('button', { name: 'Go back' }).click()
      await page.getByText('Chosen series').click()
      for (const label of [/^1 /, /^3 /]) await page.getByRole('checkbox', { name: label }).uncheck()
      await page.getByRole('heading', { name: 'ROE-VAN DEN BERGHE, Richard Maximilian', exact: true }).waitFor()
      await panel.getByRole('button', { name: /^Share 1 study of ROE-VAN DEN BERGHE/ }).click()
      await page.getByRole('button', { name: 'Undo' }).waitFor()
    })

    it('W15: list and details of a study of two patients tell birth date and ID of each', async () => {
      await open('two-patients')
      await page.getByRole('row', { name: /1 Apr 1970.*31 Dec 1955.*X100000.*X999999/ }).click()
      await page.getByRole('tab', { name: 'Details' }).click()
      for (const fact of ['1 Apr 1970', 'X100000', '31 Dec 1955', 'X999999'])
        await page.getByRole('tabpanel').getByText(fact, { exact: true }).waitFor()
    })

    it('indexing shows numbers and time left, and can be paused', async () => {
      await open('indexing')
      const reading = page.getByRole('group', { name: 'Reading folders' })
      await reading.getByText(/[\d,]+ of 1,180,000 files/).waitFor()
      await reading.getByText(/left$/).first().waitFor()
      await reading.getByRole('button', { name: 'Pause' }).click()
      await reading.getByText('is paused').waitFor()
    })
  })

  describe('share panel', () => {
    it('U1, U2, U11, U14, U21: a favourite, a reason and the agreement make a share; it is confirmed', async () => {
      await open('few')
      await openStudy(page)
      await fillIn(page)
      expect(await shareButton().textContent()).toBe('Share 1 study of DOE, Jane with 1 recipient')
      await shareButton().click()
      await page.getByRole('button', { name: 'Copy this information' }).waitFor()
      expect(state.outbox.map((row) => [row.patient, row.recipients, row.state])).toEqual([
        ['DOE^Jane', ['Dr Anna Voorbeeld'], 'held'],
      ])
    })

    it('U11, U14: without reason and agreement nothing is sent, and the first gap gets the focus', async () => {
      await open('few')
      await openStudy(page)
      await page.getByRole('button', { name: 'Dr Anna Voorbeeld' }).click()
      await shareButton().click()
      expect(
        await page
          .getByRole('textbox', { name: 'Reason for sharing' })
          .evaluate((field) => field === document.activeElement),
      ).toBe(true)
      expect(state.outbox).toEqual([])
      await page.getByText("Still needed: a reason, the patient's agreement").waitFor()
    })

    it('X4: Undo takes the share back and keeps what was filled in', async () => {
      await open('few')
      await openStudy(page)
      await fillIn(page)
      await shareButton().click()
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('Undone. Nothing was sent').waitFor()
      expect(state.outbox).toEqual([])
      expect(await page.getByRole('textbox', { name: 'Reason for sharing' }).inputValue()).toBe('Follow-up')
    })

    it('X4: a share that failed is not called shared', async () => {
      await open('few')
      await WORKSTATION_SCREENS.find(({ name }) => name === 'shared and failed')!.prepare!(page, state)
      await page.getByRole('heading', { name: 'Not sent' }).waitFor()
      expect(await page.getByRole('heading', { name: 'Shared' }).count()).toBe(0)
    })

    it('U3, U5: a misspelt name is found and chosen by keyboard, beside a first recipient', async () => {
      await open('few')
      await openStudy(page)
      await page.keyboard.press('s')
      await page.getByRole('button', { name: 'Dr Anna Voorbeeld' }).click()
      await search().fill('placeholdr')
      await search().press('Enter')
      await page.getByRole('list', { name: 'Recipients' }).getByText('Dr Frank Placeholder').waitFor()
      expect(await shareButton().textContent()).toContain('with 2 recipients')
    })

    it('U7: with two-factor a recipient without a mobile number cannot be chosen, with the reason', async () => {
      await open('few')
      await openStudy(page)
      await page.getByRole('switch', { name: 'Two-factor' }).click()
      await search().fill('placeholder')
      const option = page.getByRole('listbox').getByRole('option', { name: /Placeholder/ })
      expect(await option.textContent()).toContain('No mobile number')
      await search().press('Enter')
      expect(await page.getByRole('list', { name: 'Recipients' }).count()).toBe(0)
    })

    it('U7: turning two-factor on names the chosen recipient who stands in the way', async () => {
      await open('few')
      await openStudy(page)
      await page.getByRole('button', { name: 'Dr Clara Beispiel' }).click()
      await page.getByRole('switch', { name: 'Two-factor' }).click()
      await page.getByRole('alert').getByText('Dr Clara Beispiel has no mobile number').waitFor()
      await page.getByText(/Still needed: recipients with a mobile number/).waitFor()
    })

    it('U13: a day typed as dd/mm/yyyy is taken; one that has passed is refused', async () => {
      await open('few')
      await openStudy(page)
      await page.getByText('Until a day').click()
      const field = page.getByLabel(/Valid until/)
      await field.fill('01/02/2020')
      await field.press('Tab')
      await page.getByText('has passed').waitFor()
      const soon = new Date(Date.now() + 20 * 86_400_000)
      await field.fill([twoDigits(soon.getDate()), twoDigits(soon.getMonth() + 1), soon.getFullYear()].join('/'))
      await field.press('Tab')
      await expect.poll(() => page.getByText('has passed').count()).toBe(0)
    })

    it('U7, U10, U13, U17, U18: what the policy fixes is shown locked, with the reason', async () => {
      await open('strict')
      await openStudy(page)
      expect(await page.getByText('Fixed by your department').count()).toBe(4)
      await page.getByRole('switch', { name: 'Two-factor' }).click({ force: true })
      expect(await page.getByRole('switch', { name: 'Two-factor' }).isChecked()).toBe(true)
      expect(await page.getByText('Unlimited').count()).toBe(0)
      await page.getByText('At most 1 month').waitFor()
    })

    it('U17: images that cannot be anonymized are named and can be left out', async () => {
      await open('few')
      await openStudy(page)
      await page.getByRole('switch', { name: 'Anonymize' }).click()
      await page.getByText('4 images cannot be anonymized as they are').waitFor()
      await page.getByText(/images 1–4/).waitFor()
      await page.getByRole('button', { name: /^Leave out 4 images/ }).click()
      await page.getByText('4 images are left out').waitFor()
      await expect.poll(() => page.getByText('cannot be anonymized as they are').count()).toBe(0)
    })

    it('U6: a star is only asked for, not set, before the share is made', async () => {
      await open('few')
      await openStudy(page)
      await search().fill('invented')
      await page.getByRole('listbox').getByRole('option', { name: /Hugo/ }).waitFor()
      await search().press('Enter')
      await page.getByRole('button', { name: /Make Dr Hugo Invented a favourite/ }).click()
      await page.getByRole('button', { name: /becomes a favourite/ }).waitFor()
      expect(state.recipients.find((entry) => entry.name === 'Dr Hugo Invented')?.favourite).toBe(false)
    })

    it('W15 U1: switching the patient clears what was typed for the other', async () => {
      await open('few')
      await openStudy(page)
      await fillIn(page)
      await page.getByRole('button', { name: 'Back to Studies' }).click()
      await grid()
        .getByRole('row', { name: /SAMPLE/ })
        .first()
        .click()
      await search().waitFor()
      expect(await shareButton().textContent()).toMatch(/of SAMPLE, .* with 0 recipients/)
      expect(await page.getByRole('textbox', { name: 'Reason for sharing' }).inputValue()).toBe('')
      expect(await page.getByRole('checkbox', { name: 'The patient agreed' }).isChecked()).toBe(false)
    })

    it('X3: the preview shows the mail as the recipient gets it', async () => {
      await open('few')
      await openStudy(page)
      await fillIn(page)
      await page.getByRole('button', { name: 'As the recipient sees it' }).click()
      await page
        .getByRole('complementary', { name: 'As the recipient sees it' })
        .getByText(/J\.D\./)
        .waitFor()
    })
  })

  describe('outbox and status', () => {
    it('U26: failed shares come first, each with why and a button', async () => {
      await open('failed')
      await rail('Outbox').click()
      expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe('Needs your attention (3)')
      await page.getByRole('button', { name: 'Try again: SPECIMEN, Carol' }).click()
      await page.getByRole('heading', { name: 'Needs your attention (2)' }).waitFor()
    })

    it('cancelling asks first and focuses the way back', async () => {
      await open('failed')
      await rail('Outbox').click()
      await page.getByRole('button', { name: 'Cancel share: EXAMPLE, Dirk' }).click()
      await expect
        .poll(() =>
          page.getByRole('button', { name: 'Keep the share' }).evaluate((button) => button === document.activeElement),
        )
        .toBe(true)
    })

    it('offline is a quiet line with numbers', async () => {
      await open('offline')
      await page
        .getByRole('status')
        .getByText('Offline · 3 shares queued; they will be sent when you are online')
        .waitFor()
    })

    it('U8: a blocked recipient is unblocked in Status, by an administrator', async () => {
      await open('few', ADMINISTRATOR)
      await rail('Status').click()
      await page.getByText('Blocked', { exact: true }).first().click()
      await page
        .getByRole('button', { name: /^Show the share/ })
        .first()
        .click()
      await page.getByRole('button', { name: /^Unblock/ }).click()
      await page.getByText('No share matches this filter.').waitFor()
    })
  })

  describe('everywhere', () => {
    it('W12: the palette reaches every place and study by keyboard', async () => {
      await open('few')
      for (const [typed, heading] of [
        ['outbox', 'Outbox'],
        ['status', 'Status'],
        ['audit', 'Audit'],
        ['settings', 'Settings'],
        ['open studies', 'Studies'],
      ] as const) {
        await page.keyboard.press('Control+k')
        await page.getByRole('dialog').getByRole('textbox').fill(typed)
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      }
    })

    it('W12: the language and the colours follow the settings', async () => {
      await open('few')
      await rail('Settings').click()
      await page.getByText('Light', { exact: true }).click()
      await expect.poll(() => page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('light')
      await page.getByLabel('Language').selectOption('nl')
      await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('nl')
    })

    it('W8: signing in by name and password, refused when wrong; Lock signs out', async () => {
      await open('signed-out')
      await page.getByRole('button', { name: /Phil/ }).click()
      await page.getByLabel('Password').first().fill('wrong')
      await page.keyboard.press('Enter')
      await page.getByText('Name or password is not right').waitFor()
      await page.getByLabel('Password').first().fill('sample')
      await page.keyboard.press('Enter')
      await grid().waitFor()
      await rail('Lock').click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    })

    it('X4: once the program has ended the page says so, and goes on by itself when it answers again', async () => {
      await open('few')
      await WORKSTATION_SCREENS.find(({ name }) => name === 'program ended')!.prepare!(page, state)
      let asked = 0
      page.on('requestfailed', (request) => {
        if (request.url().includes('/rpc/session/current')) asked += 1
      })
      // Nothing moves while the list is requested again.
      await page.evaluate(() => {
        const watched = new MutationObserver(() => document.body.setAttribute('data-moved', ''))
        watched.observe(document.getElementById('root')!, { childList: true, subtree: true })
      })
      await expect.poll(() => asked).toBeGreaterThan(3)
      expect(await page.locator('body').getAttribute('data-moved')).toBe(null)
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      await grid().waitFor()
    })

    it('W8: a page that no address with a token opened says how to open it, and calls it no mistake', async () => {
      await open('not-opened')
      await page.getByText('open the file open-outpost.html in its data folder').waitFor()
      expect(await page.getByRole('alert').count()).toBe(0)
    })

    it('nothing of a patient is in the address or the title', async () => {
      await open('few')
      await openStudy(page)
      expect(`${page.url()} ${await page.title()}`).not.toMatch(/DOE|Jane|X100000|1\.2\.826/)
    })
  })

  describe('accessibility', () => {
    // The scheme changes only the colours of a page, so in npm test each state is tested in one of the two.
    const schemes = (index: number) => (WHOLE ? SCHEMES : [SCHEMES[index % 2]!])
    const states = WORKSTATION_SCREENS.map((screen, index) => ({ ...screen, schemes: schemes(index) }))
    it.each(states)('W12: axe finds nothing on: $name, $schemes', async ({ scenario, prepare, schemes: shown }) => {
      await open(scenario)
      await prepare?.(page, state)
      for (const scheme of shown) {
        await showColours(page, state, scheme)
        expect(await axe()).toEqual([])
        expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(scheme)
      }
    })
  })
})
