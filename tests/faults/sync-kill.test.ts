/** Kills the real programs at any moment: every share still arrives, exactly once (W6, S2, S3). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { uuidUid } from '../../src-main/sharing/prepare.ts'
import { everyNoticeSent } from '../integration/relay-support.ts'
import { eventually } from '../support/eventually.ts'
import { root, runProgram, startProgram, temporaryFolder, type Program } from '../support/programs.ts'
import { writeSlice } from '../support/sync-station.ts'

const folder = temporaryFolder('sync-kill')
const data = path.join(folder, 'workstation')
const passphrase = { OUTPOST_PASSPHRASE: 'a passphrase for tests' }
const port = 20_000 + Math.floor(Math.random() * 20_000)
let relay: Program

const startRelay = (): Promise<Program> =>
  startProgram(['relay', '--demonstration', '--data', path.join(folder, 'relay'), '--port', String(port)])
const outpost = (...args: string[]): ReturnType<typeof runProgram> =>
  runProgram([...args, '--data', data, '--json'], passphrase)

beforeAll(async () => {
  relay = await startRelay()
})
afterAll(async () => {
  await relay.end()
  rmSync(folder, { recursive: true, force: true })
})

interface Line {
  shareId: string
  state: string
  reason: string | null
}

/** Returns the mails that the relay has sent to the demonstration's outbox. */
async function mails(): Promise<{ subject: string }[]> {
  return (await (await fetch(`${relay.ready['url']}/outbox`, { headers: { accept: 'application/json' } })).json()) as {
    subject: string
  }[]
}

/** Returns the bytes of the files below a folder, where files come and go at the same time. */
function bytesBelow(of: string): number {
  if (!existsSync(of)) return 0
  return readdirSync(of, { recursive: true })
    .map((name) => statSync(path.join(of, String(name)), { throwIfNoEntry: false }))
    .reduce((sum, entry) => sum + (entry?.isFile() ? entry.size : 0), 0)
}

describe('a workstation and a relay that are killed', () => {
  it('S3: a share whose sync and relay are killed again and again is delivered whole, with one mail', async () => {
    const StudyInstanceUID = uuidUid(crypto.randomUUID())
    const files = path.join(folder, 'files')
    mkdirSync(files)
    const series = uuidUid(crypto.randomUUID())
    for (let number = 1; number <= 40; number += 1)
      writeSlice(files, { study: StudyInstanceUID, series, number }, 256 * 1024)
    const code = readFileSync(relay.ready['codeFile'] ?? '', 'utf8').trim()
    expect((await outpost('enroll', relay.ready['url'] ?? '', code)).exit).toBe(0)
    expect((await outpost('index', files)).json).toMatchObject({ indexed: 40, studies: 1 })
    // The directory is downloaded at the first contact.
    await outpost('sync', '--once')
    const shared = await outpost(
      'share',
      StudyInstanceUID,
      '--as',
      'sample-technologist',
      '--to',
      'sample-01',
      '--reason',
      'Second opinion',
      '--patient-agreed',
      '--no-two-factor',
      '--send-mail',
    )
    expect(shared.exit, shared.messages).toBe(0)

    const [spool, objects] = [path.join(data, 'spool'), path.join(folder, 'relay', 'objects')]
    let kills = 0
    let state = 'held'
    for (let round = 0; round < 6 && state !== 'delivered'; round += 1) {
      const sync = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', 'src-main/entries/command-line.ts', 'sync', '--data', data],
        { cwd: root, env: { ...process.env, ...passphrase }, stdio: 'ignore' },
      )
      const exited = once(sync, 'exit')
      // The first process dies while it prepares, and each later one when more bytes or all of them have reached the
      // relay.
      const before = bytesBelow(objects)
      let prepared = false
      await eventually(() => {
        prepared ||= bytesBelow(spool) > 0
        return round === 0 ? prepared : bytesBelow(objects) !== before || (prepared && bytesBelow(spool) === 0)
      })
      if (round === 3) {
        await relay.end('SIGKILL')
        relay = await startRelay()
      }
      sync.kill('SIGKILL')
      await exited
      kills += 1
      state = ((await outpost('outbox')).json as Line[])[0]?.state ?? 'unknown'
    }
    const last = await outpost('sync', '--once')
    expect((last.json as Line[])[0]).toMatchObject({ state: 'delivered', reason: null })
    expect(kills).toBeGreaterThan(1)
    await everyNoticeSent(folder)
    expect((await mails()).length).toBe(1)
    expect(existsSync(spool) ? readdirSync(spool) : []).toEqual([])
    expect((await outpost('audit', 'verify')).json).toMatchObject({ ok: true })
  }, 400_000)
})
