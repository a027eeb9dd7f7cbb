import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newIdentity } from '../../src-engine/package/identity.ts'
import type { RelayConfig } from '../ports/relay-context.ts'
import { checkOrganisationKeys } from './organisation-keys.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outpost-keys-'))
  await mkdir(join(folder, 'objects'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const keysFile = (): string => join(folder, 'relay-keys.json')
const check = (more: Partial<RelayConfig> = {}): Promise<void> =>
  checkOrganisationKeys(
    {
      database: { embedded: folder },
      objects: { folder: join(folder, 'objects') },
      publicUrl: 'http://relay.test',
      messagesFolder: '',
      ...more,
    },
    keysFile(),
  )
const EARLIER = 'organisation-5a3f1c20-0000-4000-8000-000000000001.key'

describe('a private key in a relay’s folder', () => {
  it.each([EARLIER, 'renamed.txt', 'key'])(
    'X1: in a file named %s keeps the relay from starting, and the error names the file',
    async (name) => {
      const { identity, recipient } = await newIdentity()
      await writeFile(join(folder, name), `# created: today\n# public key: ${recipient}\n${identity}\n`)
      await expect(check()).rejects.toMatchObject({
        code: 'organisation-key-on-relay',
        detail: { file: join(folder, name) },
      })
    },
  )

  it('X1: is found beside objects and the relay’s keys when the database is elsewhere', async () => {
    const database = { url: 'postgres://elsewhere' }
    await writeFile(join(folder, 'objects', 'mine.key'), (await newIdentity()).identity)
    await expect(check({ database })).rejects.toMatchObject({ code: 'organisation-key-on-relay' })
    await rm(join(folder, 'objects', 'mine.key'))
    await writeFile(join(folder, 'mine.key'), (await newIdentity()).identity)
    await expect(check({ database })).rejects.toMatchObject({ code: 'organisation-key-on-relay' })
  })

  it('X1: of a demonstration is removed when an earlier version made it, and no other file is', async () => {
    await writeFile(join(folder, EARLIER), (await newIdentity()).identity)
    await check({ demonstration: true })
    expect(await readdir(folder)).toEqual(['objects'])
    await writeFile(join(folder, 'mine.key'), (await newIdentity()).identity)
    await expect(check({ demonstration: true })).rejects.toMatchObject({ code: 'organisation-key-on-relay' })
    expect((await readdir(folder)).sort()).toEqual(['mine.key', 'objects'])
  })

  it('the relay’s own keys and other files do not keep it from starting', async () => {
    await writeFile(keysFile(), JSON.stringify({ relayKey: '', identity: (await newIdentity()).identity }))
    await writeFile(join(folder, 'port'), '4000')
    await expect(check()).resolves.toBeUndefined()
  })
})
