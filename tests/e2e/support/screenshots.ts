/**
 * Pictures of every screen in its rare states, from the fake workstation and the built page.
 * Run: node tests/e2e/support/screenshots.ts FOLDER [part of a name]
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startChromium } from './chromium.ts'
import { serveFakeWorkstation } from './fake-workstation.ts'
import type { FakeState, Scenario } from './fake-state.ts'

interface Picture {
  readonly name: string
  readonly scenario: Scenario
  readonly prepare?: (page: Page, state: FakeState) => Promise<void>
}

const rail = (page: Page, name: string): Promise<void> =>
  page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(name) })
    .click()
const openFirst = async (page: Page): Promise<void> => {
  await page
    .getByRole('row', { name: /CT thorax/ })
    .first()
    .click()
  await page.getByRole('form', { name: 'Share' }).waitFor()
}
const fill = async (page: Page): Promise<void> => {
  await openFirst(page)
  await page.getByRole('button', { name: 'Dr Anna Voorbeeld' }).click()
  await page.getByRole('combobox', { name: /hysician number/ }).fill('Exemple')
  await page.getByRole('listbox').getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Follow-up' }).click()
  await page.getByRole('checkbox', { name: 'The patient agreed' }).check()
}

const PICTURES: readonly Picture[] = [
  { name: 'sign-in', scenario: 'signed-out' },
  { name: 'unlock', scenario: 'locked' },
  { name: 'first-use', scenario: 'first-use' },
  { name: 'enrol', scenario: 'not-enrolled' },
  {
    name: 'sign-in-password',
    scenario: 'signed-out',
    prepare: (page) => page.getByRole('button', { name: /Phil/ }).click(),
  },
  { name: 'studies-empty', scenario: 'empty' },
  { name: 'studies-5', scenario: 'few' },
  { name: 'studies-20000', scenario: 'many' },
  { name: 'studies-indexing', scenario: 'indexing' },
  { name: 'studies-offline', scenario: 'offline' },
  { name: 'studies-nothing', scenario: 'few', prepare: (page) => page.getByRole('searchbox').fill('zzz') },
  {
    name: 'studies-selected',
    scenario: 'few',
    prepare: async (page) => {
      await page.getByRole('checkbox', { name: /DOE/ }).first().check()
      await page.getByRole('checkbox', { name: /DOE/ }).nth(1).check()
    },
  },
  {
    name: 'folders',
    scenario: 'indexing',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Folders' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'studies-two-patients', scenario: 'two-patients' },
  {
    name: 'studies-selected-two-patients',
    scenario: 'two-patients',
    prepare: async (page) => {
      for (const index of [0, 1, 2])
        await page
          .getByRole('checkbox', { name: /Select the study/ })
          .nth(index)
          .check()
    },
  },
  { name: 'study-two-patients', scenario: 'two-patients', prepare: openFirst },
  {
    name: 'study-second-patient',
    scenario: 'two-patients',
    prepare: async (page) => {
      await openFirst(page)
      await page.getByText('Chosen series').click()
      for (const label of [/^1 /, /^3 /]) await page.getByRole('checkbox', { name: label }).uncheck()
      await page.getByRole('heading', { name: 'ROE-VAN DEN BERGHE, Richard Maximilian', exact: true }).waitFor()
    },
  },
  {
    name: 'study-confirm-two-patients',
    scenario: 'two-patients',
    prepare: async (page) => {
      await fill(page)
      await page.getByRole('button', { name: /^Share 1 study/ }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'study', scenario: 'few', prepare: openFirst },
  { name: 'study-filled', scenario: 'few', prepare: fill },
  {
    name: 'study-filled-bottom',
    scenario: 'few',
    prepare: async (page) => {
      await fill(page)
      await page.getByRole('textbox', { name: 'Message to the recipient' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'study-search',
    scenario: 'few',
    prepare: async (page) => {
      await openFirst(page)
      await page.getByRole('switch', { name: 'Two-factor' }).click()
      await page.getByRole('combobox', { name: /hysician number/ }).fill('e')
      await page.getByRole('listbox').getByRole('option').first().waitFor()
    },
  },
  {
    name: 'study-missing',
    scenario: 'few',
    prepare: async (page) => {
      await openFirst(page)
      await page.getByRole('button', { name: /^Share 1 study/ }).click()
    },
  },
  {
    name: 'study-anonymize',
    scenario: 'few',
    prepare: async (page) => {
      await fill(page)
      await page.getByRole('switch', { name: 'Anonymize' }).click()
      await page
        .getByRole('button', { name: /Leave out/ })
        .first()
        .scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'study-series',
    scenario: 'few',
    prepare: async (page) => {
      await openFirst(page)
      await page.getByText('Chosen series').click()
    },
  },
  {
    name: 'study-date',
    scenario: 'few',
    prepare: async (page) => {
      await openFirst(page)
      await page.getByText('Until a day').click()
      await page.getByLabel(/Valid until/).click()
    },
  },
  {
    name: 'study-strict',
    scenario: 'strict',
    prepare: async (page) => {
      await openFirst(page)
      await page.getByText('Allow further sharing').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'study-preview',
    scenario: 'few',
    prepare: async (page) => {
      await fill(page)
      await page.getByRole('button', { name: 'As the recipient sees it' }).click()
      await page.getByRole('article').waitFor()
    },
  },
  {
    name: 'study-shared',
    scenario: 'few',
    prepare: async (page) => {
      await fill(page)
      await page.getByRole('button', { name: /^Share 1 study/ }).click()
      await page.getByRole('button', { name: 'Undo' }).waitFor()
    },
  },
  {
    name: 'study-shares',
    scenario: 'few',
    prepare: async (page) => {
      await openFirst(page)
      await page.getByRole('tab', { name: 'Shares' }).click()
    },
  },
  {
    name: 'study-details',
    scenario: 'few',
    prepare: async (page) => {
      await openFirst(page)
      await page.getByRole('tab', { name: 'Details' }).click()
    },
  },
  { name: 'outbox-empty', scenario: 'few', prepare: (page) => rail(page, 'Outbox') },
  { name: 'outbox-failed', scenario: 'failed', prepare: (page) => rail(page, 'Outbox') },
  { name: 'outbox-offline', scenario: 'offline', prepare: (page) => rail(page, 'Outbox') },
  {
    name: 'status',
    scenario: 'many',
    prepare: async (page) => {
      await rail(page, 'Status')
      await page
        .getByRole('button', { name: /^Show the share/ })
        .nth(3)
        .click()
    },
  },
  { name: 'status-empty', scenario: 'empty', prepare: (page) => rail(page, 'Status') },
  {
    name: 'audit',
    scenario: 'few',
    prepare: async (page) => {
      await rail(page, 'Audit')
      await page.getByRole('button', { name: 'Verify the log' }).click()
      await page.getByText(/unchanged/).waitFor()
    },
  },
  {
    name: 'audit-broken',
    scenario: 'failed',
    prepare: async (page) => {
      await rail(page, 'Audit')
      await page.getByRole('button', { name: 'Verify the log' }).click()
      await page.getByText(/changed from outside/).waitFor()
    },
  },
  { name: 'settings', scenario: 'few', prepare: (page) => rail(page, 'Settings') },
  {
    name: 'palette',
    scenario: 'few',
    prepare: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'keys',
    scenario: 'few',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Keys' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
]

const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]

const [folder = 'screenshots', wanted = '', onlyFirst = ''] = process.argv.slice(2)
await mkdir(folder, { recursive: true })
const browser = await startChromium()
let failed = 0
for (const { name, scenario, prepare } of PICTURES.filter((picture) => picture.name.includes(wanted))) {
  for (const scheme of ['dark', 'light'] as const) {
    for (const size of SIZES) {
      if (onlyFirst !== '' && (scheme !== 'dark' || size.width !== 1280)) continue
      const fake = await serveFakeWorkstation(scenario)
      fake.state.settings.colorScheme = scheme
      const page = await browser.newPage({ viewport: size, colorScheme: scheme, reducedMotion: 'reduce' })
      page.setDefaultTimeout(8000)
      page.on('pageerror', (error) => console.error(`${name}: ${error.message}`))
      try {
        await page.addInitScript((value) => localStorage.setItem('mantine-color-scheme-value', value), scheme)
        await page.goto(fake.url)
        await page.getByRole('heading').first().waitFor()
        await page.waitForTimeout(300)
        await prepare?.(page, fake.state)
        await page.waitForTimeout(400)
      } catch (error) {
        failed += 1
        console.error(`${name}: ${(error as Error).message.split('\n')[0]}`)
      }
      await page.screenshot({ path: join(folder, `${name}-${scheme}-${size.width}.png`) })
      await page.close()
      await fake.close()
    }
  }
}
await browser.close()
process.exit(failed === 0 ? 0 : 1)
