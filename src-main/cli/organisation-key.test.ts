import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openIdentity, sealIdentity } from '../../src-engine/package/slots.ts'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { organisationKey } from './organisation-key.ts'
import type { Program } from '../hosts/program.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outpost-key-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = async (out: string): Promise<string> => {
  const outcome = await organisationKey.run([], { out }, {} as Program)
  return (outcome!.json as { recipient: string }).recipient
}

describe('outpost organisation-key', () => {
  it('X1: the key file opens what is sealed to the printed recipient, and only its owner can read it', async () => {
    const file = join(folder, 'organisation.key')
    const recipient = await run(file)
    const text = await readFile(file, 'utf8')
    const identity = /^AGE-SECRET-KEY-1\S+$/m.exec(text)?.[0] ?? ''
    const secret = (await newIdentity()).identity
    expect(await openIdentity(await sealIdentity(secret, [recipient]), identity)).toBe(secret)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('X1: never writes over a file', async () => {
    const file = join(folder, 'earlier.key')
    await writeFile(file, 'an earlier key')
    await expect(run(file)).rejects.toMatchObject({ code: 'file-exists' })
    expect(await readFile(file, 'utf8')).toBe('an earlier key')
  })

  it('X1: a folder that is not there is named as such', async () => {
    await expect(run(join(folder, 'missing', 'organisation.key'))).rejects.toMatchObject({ code: 'file-not-writable' })
  })
})
