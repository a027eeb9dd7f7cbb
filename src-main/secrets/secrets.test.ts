import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { detectKeychain, type Keychain } from './keychain.ts'
import { openSecrets } from './open-secrets.ts'
import { SealedFileSecrets } from './sealed-file.ts'
import { workstationKeys } from './workstation-keys.ts'

const cheap = { memoryKiB: 1024, passes: 1, lanes: 1 }
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outpost-secrets-'))
  path = join(folder, 'secrets.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function memoryKeychain(): Keychain & { values: Map<string, string> } {
  const values = new Map<string, string>()
  return {
    values,
    getPassword: async (service, account) => values.get(`${service} ${account}`) ?? null,
    setPassword: async (service, account, password) => {
      values.set(`${service} ${account}`, password)
    },
    deletePassword: async (service, account) => values.delete(`${service} ${account}`),
  }
}

describe('W9: secrets in a sealed file', () => {
  it('W9: are kept for who knows the passphrase, and for nobody else', async () => {
    const first = new SealedFileSecrets(path, cheap)
    expect([first.locked, first.firstUse]).toEqual([true, true])
    await first.unlock('correct horse')
    await Promise.all([first.set('enrolment-token', 'T0KEN-VALUE'), first.set('other', 'X')])
    await first.remove('other')

    const second = new SealedFileSecrets(path)
    expect([second.locked, second.firstUse]).toEqual([true, false])
    await expect(second.get('enrolment-token')).rejects.toMatchObject({ code: 'secrets-locked' })
    await expect(second.unlock('wrong horse')).rejects.toMatchObject({ code: 'wrong-passphrase' })
    expect(second.locked).toBe(true)
    await second.unlock('correct horse')
    expect([await second.get('enrolment-token'), await second.get('other')]).toEqual(['T0KEN-VALUE', null])
  })

  it('W9: nothing of them is on disk in plain text, and only the user can read the file', async () => {
    const secrets = new SealedFileSecrets(path, cheap)
    await secrets.unlock('correct horse')
    await secrets.set('enrolment-token', 'T0KEN-VALUE')
    expect(readdirSync(folder)).toEqual(['secrets.json'])
    const text = readFileSync(path, 'utf8')
    for (const value of [
      'T0KEN-VALUE',
      Buffer.from('T0KEN-VALUE').toString('base64').slice(0, 12),
      'enrolment-token',
      'correct horse',
    ])
      expect(text).not.toContain(value)
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('W9: a file that was changed is refused, its cost included', async () => {
    const secrets = new SealedFileSecrets(path, cheap)
    await secrets.unlock('correct horse')
    const file = JSON.parse(readFileSync(path, 'utf8')) as { kdf: { passes: number } }
    writeFileSync(path, JSON.stringify({ ...file, kdf: { ...file.kdf, passes: 2 } }))
    await expect(new SealedFileSecrets(path).unlock('correct horse')).rejects.toMatchObject({
      code: 'wrong-passphrase',
    })
  })
})

describe('W9: the keychain', () => {
  it('is taken when it gives back what it was given, and holds data folders apart', async () => {
    const keychain = memoryKeychain()
    expect(await detectKeychain(async () => keychain)).toBe(keychain)
    expect(keychain.values.size).toBe(0)
    const [one, two] = [
      await openSecrets(join(folder, 'one'), keychain),
      await openSecrets(join(folder, 'two'), keychain),
    ]
    await one.set('a', '1')
    expect([one.backend, one.locked, await one.get('a'), await two.get('a')]).toEqual(['keychain', false, '1', null])
  })

  it('is not taken when it fails or forgets', async () => {
    expect(await detectKeychain(() => Promise.reject(new Error('no daemon')))).toBeNull()
    expect(await detectKeychain(async () => ({ ...memoryKeychain(), getPassword: async () => null }))).toBeNull()
    expect((await openSecrets(folder, null)).backend).toBe('file')
  })

  it('a data folder with a sealed file keeps it', async () => {
    await new SealedFileSecrets(path, cheap).unlock('correct horse')
    expect((await openSecrets(folder, memoryKeychain())).backend).toBe('file')
  })
})

it('D3: the keys of a workstation are made once', async () => {
  const secrets = await openSecrets(folder, memoryKeychain())
  const [first, second] = [await workstationKeys(secrets), await workstationKeys(secrets)]
  expect(second).toEqual(first)
  expect(first.identity).toMatch(/^AGE-SECRET-KEY-1/)
  expect([first.recipient.slice(0, 4), first.signingSeed.length, first.signingKey.length, first.uidKey.length]).toEqual(
    ['age1', 32, 32, 32],
  )
})
