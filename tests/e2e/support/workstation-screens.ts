/**
 * Shows every screen of the workstation in its usual and rare states, and how a person gets there. The axe tests and
 * screenshots.ts use the same list.
 */
import type { Page } from 'playwright-core'
import type { FakeState, Scenario } from './fake-state.ts'
import { ADMINISTRATOR } from './fake-state.ts'

export interface WorkstationScreen {
  readonly name: string
  readonly scenario: Scenario
  readonly prepare?: (page: Page, state: FakeState) => Promise<unknown>
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const dialog = (page: Page) => page.getByRole('dialog')
const railButton = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: new RegExp(name) })

export async function openScreen(page: Page, name: string): Promise<void> {
  await railButton(page, name).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

/** Opens the CT of DOE, Jane, or the study in its place. */
export async function openStudy(page: Page): Promise<void> {
  await page
    .getByRole('row', { name: /CT thorax/ })
    .first()
    .click()
  await page.getByRole('combobox', { name: /hysician number/ }).waitFor()
}

/** Fills in the minimum for a share: a favourite, a reason, the agreement. */
export async function fillIn(page: Page): Promise<void> {
  await button(page, 'Dr Anna Voorbeeld').click()
  await button(page, 'Follow-up').click()
  await page.getByRole('checkbox', { name: 'The patient agreed' }).check()
}

async function openAndFill(page: Page): Promise<void> {
  await openStudy(page)
  await fillIn(page)
}

async function share(page: Page): Promise<void> {
  await openAndFill(page)
  await button(page, /^Share 1 study/).click()
  await button(page, 'Undo').waitFor()
}

/** Waits for the confirmation after the time for Undo, when the outbox has the share in this state. */
async function sharedUntil(page: Page, state: FakeState, row: Partial<FakeState['outbox'][number]>): Promise<void> {
  await page.clock.install()
  await share(page)
  state.outbox = state.outbox.map((entry) => (entry.state === 'held' ? { ...entry, ...row } : entry))
  state.emit({ type: 'outbox' })
  await page.clock.runFor(11_000)
  await button(page, 'Undo').waitFor({ state: 'detached' })
}

async function anonymize(page: Page): Promise<void> {
  await openAndFill(page)
  await page.getByRole('switch', { name: 'Anonymize' }).click()
  await button(page, /^Leave out/)
    .first()
    .waitFor()
}

async function selectStudies(page: Page, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await page
      .getByRole('checkbox', { name: /Select the study/ })
      .nth(index)
      .check()
}

/** @param row of the table of shares, from 0 */
async function openShare(page: Page, row: number): Promise<void> {
  await openScreen(page, 'Status')
  await button(page, /^Show the share/)
    .nth(row)
    .click()
  await page.getByRole('complementary').getByRole('heading', { name: 'History' }).waitFor()
}

async function verifyLog(page: Page, says: RegExp): Promise<void> {
  await openScreen(page, 'Audit')
  await button(page, 'Verify the log').click()
  await page.getByText(says).waitFor()
}

async function openFolders(page: Page): Promise<void> {
  await button(page, 'Folders').click()
  await dialog(page).waitFor()
}

async function openImport(page: Page): Promise<void> {
  await openFolders(page)
  await button(page, 'Import a disc or ZIP').click()
}

/** Makes every request fail, as when the program has ended. */
async function endProgram(page: Page): Promise<void> {
  await page.route(/\/rpc\/|\/events/, (route) => route.abort())
  await page.reload()
  await page.getByRole('heading', { name: 'Outpost does not answer' }).waitFor()
}

export const WORKSTATION_SCREENS: readonly WorkstationScreen[] = [
  { name: 'not opened', scenario: 'not-opened' },
  { name: 'program ended', scenario: 'few', prepare: endProgram },
  {
    name: 'loading',
    scenario: 'few',
    prepare: async (page) => {
      await page.route('**/rpc/session/current', () => {})
      await page.reload()
      await page.getByRole('status', { name: 'Loading…' }).waitFor()
    },
  },
  { name: 'sign-in', scenario: 'signed-out' },
  {
    name: 'sign-in refused',
    scenario: 'signed-out',
    prepare: async (page) => {
      await button(page, /Phil/).click()
      await page.getByLabel('Password').first().fill('wrong')
      await page.keyboard.press('Enter')
      await page.getByText('Name or password is not right').waitFor()
    },
  },
  { name: 'unlock', scenario: 'locked' },
  { name: 'first use', scenario: 'first-use' },
  {
    name: 'enrolment refused',
    scenario: 'not-enrolled',
    prepare: async (page) => {
      await page.getByLabel('Address of the relay').fill('https://relay.example.test')
      await page.getByLabel('Enrolment code').fill('WRONG')
      await button(page, 'Connect').click()
      await page.getByRole('alert').waitFor()
    },
  },
  { name: 'studies empty', scenario: 'empty' },
  { name: 'studies', scenario: 'few' },
  { name: 'studies 20000', scenario: 'many' },
  { name: 'studies indexing', scenario: 'indexing' },
  { name: 'studies offline', scenario: 'offline' },
  {
    name: 'studies nothing found',
    scenario: 'few',
    prepare: async (page) => {
      await page.getByRole('searchbox').fill('zzz')
      await page.getByText('No study matches').waitFor()
    },
  },
  { name: 'studies selected', scenario: 'few', prepare: (page) => selectStudies(page, 1) },
  { name: 'studies of two patients', scenario: 'two-patients' },
  {
    name: 'studies of two patients selected',
    scenario: 'two-patients',
    prepare: (page) => selectStudies(page, 3),
  },
  { name: 'folders', scenario: 'indexing', prepare: openFolders },
  {
    name: 'files skipped',
    scenario: 'few',
    prepare: async (page) => {
      await button(page, /skipped/)
        .first()
        .click()
      await page.getByText('scan-0001.tmp').waitFor()
    },
  },
  {
    name: 'choose a folder',
    scenario: 'few',
    prepare: async (page) => {
      await openFolders(page)
      await button(page, 'Add a folder').click()
      await button(page, 'Open Documents').waitFor()
    },
  },
  {
    name: 'import',
    scenario: 'few',
    prepare: async (page) => {
      await openImport(page)
      await page.getByText('disc.zip').click()
      await page.getByText('Whose images are these?').first().waitFor()
    },
  },
  { name: 'study', scenario: 'few', prepare: openStudy },
  { name: 'study of two patients', scenario: 'two-patients', prepare: openStudy },
  {
    name: 'study, second patient chosen',
    scenario: 'two-patients',
    prepare: async (page) => {
      await openStudy(page)
      await page.getByText('Chosen series').click()
      for (const label of [/^1 /, /^3 /]) await page.getByRole('checkbox', { name: label }).uncheck()
      await page.getByRole('heading', { name: 'ROE-VAN DEN BERGHE, Richard Maximilian', exact: true }).waitFor()
    },
  },
  {
    name: 'share panel filled',
    scenario: 'few',
    prepare: async (page) => {
      await openAndFill(page)
      await page.getByRole('combobox', { name: /hysician number/ }).fill('Exemple')
      await page.getByRole('listbox').getByRole('option').first().waitFor()
      await page.keyboard.press('Enter')
    },
  },
  {
    name: 'share panel filled, lower half',
    scenario: 'few',
    prepare: async (page) => {
      await openAndFill(page)
      await page.getByRole('textbox', { name: 'Message to the recipient' }).fill('Please see image 40.')
    },
  },
  {
    name: 'recipient search',
    scenario: 'few',
    prepare: async (page) => {
      await openStudy(page)
      await page.getByRole('switch', { name: 'Two-factor' }).click()
      await page.getByRole('combobox', { name: /hysician number/ }).fill('e')
      await page.getByRole('listbox').getByRole('option').first().waitFor()
    },
  },
  {
    name: 'share panel, something missing',
    scenario: 'few',
    prepare: async (page) => {
      await openStudy(page)
      await button(page, /^Share 1 study/).click()
      await page.getByText(/^Still needed/).waitFor()
    },
  },
  {
    name: 'share until a day',
    scenario: 'few',
    prepare: async (page) => {
      await openStudy(page)
      await page.getByText('Until a day').click()
      const field = page.getByLabel(/Valid until/)
      await field.fill('01/02/2020')
      await field.press('Tab')
      await page.getByText('has passed').waitFor()
    },
  },
  {
    name: 'share panel fixed by policy',
    scenario: 'strict',
    prepare: async (page) => {
      await openStudy(page)
      await page.getByText('Allow further sharing').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'share anonymized',
    scenario: 'few',
    prepare: async (page) => {
      await anonymize(page)
      await button(page, /^Leave out/)
        .first()
        .scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'what will be removed',
    scenario: 'few',
    prepare: async (page) => {
      await anonymize(page)
      await button(page, 'What will be removed').click()
      await dialog(page).getByText('Anonymous^1').first().waitFor()
    },
  },
  {
    name: 'review images',
    scenario: 'few',
    prepare: async (page) => {
      await anonymize(page)
      await button(page, /^Review/)
        .first()
        .click()
      await dialog(page).getByRole('img').first().waitFor()
    },
  },
  {
    name: 'as the recipient sees it',
    scenario: 'few',
    prepare: async (page) => {
      await openAndFill(page)
      await button(page, 'As the recipient sees it').click()
      await page.getByRole('article').waitFor()
    },
  },
  {
    name: 'confirm two patients',
    scenario: 'two-patients',
    prepare: async (page) => {
      await openAndFill(page)
      await button(page, /^Share 1 study/).click()
      await dialog(page).waitFor()
    },
  },
  {
    name: 'confirm two patients anonymized',
    scenario: 'two-patients',
    prepare: async (page) => {
      await anonymize(page)
      await button(page, /^Leave out/)
        .first()
        .click()
      await page.getByText(/images? (is|are) left out/).waitFor()
      await button(page, /^Share 1 study/).click()
      await dialog(page).waitFor()
    },
  },
  { name: 'shared, undo runs', scenario: 'few', prepare: share },
  {
    name: 'shared without a connection',
    scenario: 'offline',
    prepare: (page, state) => sharedUntil(page, state, { state: 'waiting', reason: 'offline' }),
  },
  {
    name: 'shared and delivered',
    scenario: 'few',
    prepare: (page, state) => sharedUntil(page, state, { state: 'delivered' }),
  },
  {
    name: 'shared and failed',
    scenario: 'few',
    prepare: (page, state) => sharedUntil(page, state, { state: 'failed', reason: 'source-changed' }),
  },
  {
    name: 'shares of a study',
    scenario: 'few',
    prepare: async (page) => {
      await openStudy(page)
      await page.getByRole('tab', { name: 'Shares' }).click()
    },
  },
  {
    name: 'details of a study',
    scenario: 'two-patients',
    prepare: async (page) => {
      await openStudy(page)
      await page.getByRole('tab', { name: 'Details' }).click()
    },
  },
  { name: 'outbox empty', scenario: 'few', prepare: (page) => openScreen(page, 'Outbox') },
  { name: 'outbox failed', scenario: 'failed', prepare: (page) => openScreen(page, 'Outbox') },
  { name: 'outbox offline', scenario: 'offline', prepare: (page) => openScreen(page, 'Outbox') },
  {
    name: 'cancel a share',
    scenario: 'failed',
    prepare: async (page) => {
      await openScreen(page, 'Outbox')
      await button(page, 'Cancel share: EXAMPLE, Dirk').click()
      await button(page, 'Keep the share').waitFor()
    },
  },
  { name: 'status empty', scenario: 'empty', prepare: (page) => openScreen(page, 'Status') },
  { name: 'status, opened', scenario: 'many', prepare: (page) => openShare(page, 0) },
  { name: 'status, blocked, technologist', scenario: 'many', prepare: (page) => openShare(page, 3) },
  {
    name: 'status, blocked, administrator',
    scenario: 'many',
    prepare: async (page, state) => {
      state.staff = ADMINISTRATOR
      await page.reload()
      await openShare(page, 3)
    },
  },
  {
    name: 'withdraw a share',
    scenario: 'many',
    prepare: async (page) => {
      await openShare(page, 0)
      await button(page, 'Withdraw').click()
      await button(page, 'Keep the share').waitFor()
    },
  },
  {
    name: 'status, nothing matches',
    scenario: 'few',
    prepare: async (page, state) => {
      state.shares = state.shares.slice(0, 1)
      await openScreen(page, 'Status')
      await page.getByText('Withdrawn', { exact: true }).first().click()
      await page.getByText('No share matches this filter.').waitFor()
    },
  },
  { name: 'audit verified', scenario: 'few', prepare: (page) => verifyLog(page, /unchanged/) },
  { name: 'audit rewritten', scenario: 'failed', prepare: (page) => verifyLog(page, /was rewritten/) },
  { name: 'audit not compared', scenario: 'offline', prepare: (page) => verifyLog(page, /could not confirm/) },
  {
    name: 'no audit for this role',
    scenario: 'few',
    prepare: async (page, state) => {
      state.staff = { staffId: 'desk', name: 'Fred Frontdesk (sample)', role: 'front-desk' }
      await page.reload()
      await openScreen(page, 'Status')
    },
  },
  { name: 'settings', scenario: 'few', prepare: (page) => openScreen(page, 'Settings') },
  {
    name: 'palette',
    scenario: 'few',
    prepare: async (page) => {
      await page.keyboard.press('Control+k')
      await dialog(page).waitFor()
    },
  },
  {
    name: 'keys',
    scenario: 'few',
    prepare: async (page) => {
      await button(page, 'Keys').click()
      await dialog(page).waitFor()
    },
  },
]
