import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { servePage } from './page.ts'

const around = mkdtempSync(join(tmpdir(), 'outpost-page-'))
const folder = join(around, 'page')
mkdirSync(join(folder, 'assets'), { recursive: true })
writeFileSync(join(folder, 'index.html'), '<title>Outpost</title>')
writeFileSync(join(folder, 'assets', 'main-abcdefgh.js'), 'export {}')
writeFileSync(join(around, 'secret.js'), 'secret')
const get = (path: string) => servePage(folder, new Request(`http://host${path}`))

it('serves built files with their type, and the page for every screen', async () => {
  expect((await get('/assets/main-abcdefgh.js')).headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(await (await get('/study/1.2.3')).text()).toContain('Outpost')
})
it('lets no script in but its own', async () => {
  expect((await get('/')).headers.get('content-security-policy')).toContain("script-src 'self';")
})
it.each(['/../secret.js', '/%2e%2e/secret.js', '/assets/..%2f..%2fsecret.js', '/..%5csecret.js', '/%00.js'])(
  'W1: %s stays inside the folder',
  async (path) => {
    expect(await (await get(path)).text()).not.toContain('secret')
  },
)
it('answers what is not there with 404', async () => expect((await get('/assets/none.js')).status).toBe(404))
