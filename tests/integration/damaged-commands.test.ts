/** Tests the commands on a damaged data folder: each gives one typed answer and does nothing that it could not log. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLedgerDatabase } from '../../src-main/storage/ledger/ledger-database.ts'
import { root, runProgram, sealedDataFolder, temporaryFolder } from '../support/programs.ts'
import { writeSlice } from '../support/sync-station.ts'

const folder = temporaryFolder('damaged-commands')
const passphrase = { OUTPOST_PASSPHRASE: 'a passphrase for tests' }
const out = path.join(folder, 'out')
const sentences = JSON.parse(readFileSync(path.join(root, 'resources/messages/en/errors.json'), 'utf8')) as Record<
  string,
  string
>
let slice: string

/** Creates a data folder with a ledger and sealed keys; the named file is overwritten. */
async function damagedFolder(name: string, damage: (file: string) => void): Promise<string> {
  const data = path.join(folder, name)
  await sealedDataFolder(data, passphrase.OUTPOST_PASSPHRASE)
  openLedgerDatabase(data).close()
  damage(path.join(data, name))
  return data
}
const randomPages = (file: string): void => {
  const bytes = readFileSync(file)
  for (let at = 4096; at < bytes.length; at += 1) bytes[at] = (at * 167 + 13) & 0xff
  writeFileSync(file, bytes)
}

beforeAll(() => {
  slice = writeSlice(path.join(folder, 'in'), { study: '1.2.3', series: '1.2.3.1', number: 1 })
  mkdirSync(out)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const share = ['share', '1.2.3', '--as', 'x', '--to', 'y', '--reason', 'z', '--patient-agreed']
const writing = (): string[][] => [
  ['deidentify', slice, '--out', path.join(out, 'copies')],
  ['render', slice, '--out', path.join(out, 'picture.png')],
]

describe('W14: commands on a damaged data folder', () => {
  it.each<[string, string, (file: string) => void, () => string[][]]>([
    ['ledger.db', 'ledger-damaged', randomPages, () => [...writing(), ['outbox'], share, ['audit', 'verify']]],
    ['secrets.json', 'secrets-damaged', (file) => writeFileSync(file, '{"version":1'), () => [writing()[0]!, share]],
  ])(
    'W14: %s: each answers %s in JSON with what to do, exit 1, and writes nothing',
    async (name, code, damage, commands) => {
      const data = await damagedFolder(name, damage)
      const before = readFileSync(path.join(data, name))
      for (const commandWords of commands()) {
        const { exit, json, messages } = await runProgram([...commandWords, '--data', data, '--json'], passphrase)
        expect([commandWords[0], exit, json]).toEqual([commandWords[0], 1, { code, message: sentences[code] }])
        expect(messages).toBe(`${sentences[code]} (${code})\n`)
      }
      expect(readFileSync(path.join(data, name)).equals(before)).toBe(true)
      expect(readdirSync(out)).toEqual([])
    },
  )

  it('W14: a failure that nothing names is typed too, without a stack and without a path', async () => {
    const data = path.join(folder, 'a file where the data folder should be')
    writeFileSync(data, '')
    expect(existsSync(data)).toBe(true)
    const { exit, json, messages } = await runProgram(['outbox', '--data', data, '--json'], passphrase)
    expect([exit, json]).toEqual([1, { code: 'internal', message: sentences['internal'] }])
    expect(messages).not.toMatch(/ at |data folder should/)
  })
})
