/** Checks that screens do not offer what a role may not do, and say instead who may. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../../src-core/permissions/roles.ts'
import { mayDo } from '../../src-core/permissions/staff-actions.ts'
import { CHROMIUM, startChromium } from './support/chromium.ts'
import { serveFakeWorkstation } from './support/fake-workstation.ts'

const built = existsSync(join(import.meta.dirname, '../../out/renderer/index.html'))
const ROLES: readonly Role[] = ['front-desk', 'technologist', 'physician', 'administrator']

describe.skipIf(CHROMIUM === undefined || !built)('roles on the screens', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startChromium()
  }, 60_000)
  afterAll(() => browser?.close())

  it.each(ROLES)(
    'U8 W8: a %s sees the buttons of that role only, and who has the others',
    async (role) => {
      const fake = await serveFakeWorkstation('many')
      fake.state.staff = { staffId: role, name: 'Sam Sample', role }
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
      try {
        const page = await context.newPage()
        await page.goto(fake.url)
        const rail = page.getByRole('navigation', { name: 'Main' })
        await rail.getByRole('button', { name: 'Status' }).click()
        expect(await rail.getByRole('button', { name: 'Audit' }).count()).toBe(mayDo(role, 'read-audit') ? 1 : 0)
        for (const share of fake.state.shares.filter(({ recipients }) => recipients[0]?.state === 'blocked')) {
          const index = fake.state.shares.indexOf(share)
          const first = fake.state.shares.slice(0, index).reduce((rows, { recipients }) => rows + recipients.length, 0)
          await page
            .getByRole('button', { name: /^Show the share/ })
            .nth(first)
            .click()
          const side = page.getByRole('complementary')
          await side.getByText('blocked after five wrong codes').waitFor()
          const unblock = mayDo(role, 'unblock')
          expect(await side.getByRole('button', { name: /^Unblock/ }).count()).toBe(unblock ? 1 : 0)
          expect(await side.getByText(/^Can be unblocked by: /).count()).toBe(unblock ? 0 : 1)
          const withdraw = mayDo(role, share.own ? 'withdraw-own' : 'withdraw-any')
          expect(await side.getByRole('button', { name: 'Withdraw' }).count()).toBe(withdraw ? 1 : 0)
          expect(await side.getByText(/^Can be withdrawn by: /).count()).toBe(withdraw ? 0 : 1)
        }
      } finally {
        await context.close()
        await fake.close()
      }
    },
    60_000,
  )
})
