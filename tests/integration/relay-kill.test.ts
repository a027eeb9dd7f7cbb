import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { examineRelayLog, withRelayDatabase } from '../../src-relay/audit/examine.ts'
import {
  browser,
  codeOfFailure,
  confirmRequest,
  createUpload,
  enrolWorkstation,
  makePackage,
  MESSAGES,
  patchUpload,
  PUBLIC_URL,
  shownMessages,
  someRecipient,
  temporaryFolder,
  tokenIn,
  uploadPackage,
  writeSeed,
} from './relay-support.ts'
import type { Moment } from './relay-process.ts'

let temporary: { folder: string; remove(): Promise<void> }
let child: ChildProcess
let url = ''
let seed = ''

async function start(): Promise<void> {
  const options = {
    port: 0,
    database: { embedded: join(temporary.folder, 'relay') },
    objects: { folder: join(temporary.folder, 'objects') },
    messagesFolder: MESSAGES,
    seed,
    demonstration: true,
  }
  child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'relay-process.ts'), JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  )
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  url = (JSON.parse(line.toString()) as { url: string }).url
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit')
  child.kill(signal)
  return (await ended)[0] as number | null
}

/** Makes the relay end itself at this moment. */
async function dieAt(moment: Moment): Promise<void> {
  child.send({ dies: moment })
  await once(child, 'message')
}

async function killed(): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
}

const overHttp: typeof fetch = (input, init) => {
  const request = new Request(input as Request, init?.body ? ({ ...init, duplex: 'half' } as RequestInit) : init)
  return fetch(new Request(request.url.replace(/^http:\/\/(relay\.test|localhost)(?=\/)/, url), request))
}

const postmaster = async (): Promise<number> => {
  const { directory } = JSON.parse(await readFile(join(temporary.folder, 'relay', 'database.json'), 'utf8')) as {
    directory: string
  }
  return Number((await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '0')).split('\n')[0])
}
const runs = (pid: number): boolean => {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}

beforeEach(async () => {
  temporary = await temporaryFolder()
  seed = await writeSeed(temporary.folder)
  await start()
})

afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) await end('SIGTERM')
  await temporary.remove()
})

describe('a relay that is ended', () => {
  it('SIGTERM ends it and its database cleanly, and it comes back at the same address', async () => {
    const before = url
    const pid = await postmaster()
    expect(runs(pid)).toBe(true)
    expect(await end('SIGTERM')).toBe(0)
    expect(runs(pid)).toBe(false)
    await start()
    expect(url).toBe(before)
  })

  it('after kill -9 it adopts the database that survived', async () => {
    const station = await enrolWorkstation(overHttp, 'RADI-OLOG-0001')
    const pid = await postmaster()
    await end('SIGKILL')
    expect(runs(pid)).toBe(true)
    await start()
    expect(await postmaster()).toBe(pid)
    expect((await station.api.organisation()).staff).toHaveLength(3)
  })

  it('a second relay on the same folder is refused', async () => {
    const secondRelay = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'relay-process.ts'),
        JSON.stringify({
          port: 0,
          database: { embedded: join(temporary.folder, 'relay') },
          objects: { folder: join(temporary.folder, 'objects') },
          messagesFolder: MESSAGES,
        }),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let output = ''
    secondRelay.stderr!.on('data', (text: Buffer) => {
      output += text.toString()
    })
    const [code] = (await once(secondRelay, 'exit')) as [number]
    expect(code).not.toBe(0)
    expect(output).toContain('data-folder-in-use')
    expect((await overHttp(`${PUBLIC_URL}/health`)).status).toBe(200)
  })

  it('S2: killed again and again while it receives, it never loses what it acknowledged', async () => {
    const station = await enrolWorkstation(overHttp, 'RADI-OLOG-0001')
    const testPackage = await makePackage(station, [{ path: 'BIG.BIN', bytes: Buffer.alloc(6_000_000, 'outpost') }])
    const { part, sealed } = testPackage.files[0]!
    let acknowledged = 0
    for (const [round, moment] of (['written', 'synced', 'written', 'synced'] as const).entries()) {
      const created = await createUpload(overHttp, station, testPackage.packageId, part)
      const location = created.headers.get('location') ?? ''
      let offset = Number(created.headers.get('upload-offset'))
      expect(offset).toBeGreaterThanOrEqual(acknowledged)
      const send = () =>
        patchUpload(overHttp, station, location, offset, sealed.subarray(offset, offset + 100_000)).catch(() => null)
      for (let chunk = 0; chunk < 3; chunk += 1) {
        const answer = await send()
        expect(answer?.status).toBe(204)
        offset = Number(answer?.headers.get('upload-offset'))
        acknowledged = offset
      }
      await dieAt(moment)
      expect(await send()).toBeNull()
      await killed()
      // In one round the whole machine fails: the database is killed with the relay.
      if (round === 2) process.kill(await postmaster(), 'SIGKILL')
      await start()
    }
    await uploadPackage(overHttp, station, testPackage)
    const request = confirmRequest(testPackage)
    expect((await station.api.confirm(request)).parts).toEqual(request.parts)
    // The test starts a relay with its database five times.
  }, 600_000)

  it('S3: killed around the confirmation, a share arrives once, with one mail, and its link opens', async () => {
    const station = await enrolWorkstation(overHttp, 'RADI-OLOG-0001')
    const grants = []
    for (const moment of ['stored', 'committed', null] as const) {
      const testPackage = await makePackage(station)
      await uploadPackage(overHttp, station, testPackage)
      const grant = someRecipient()
      grants.push(grant)
      const request = confirmRequest(testPackage, { grants: [grant] })
      if (moment !== null) await dieAt(moment)
      const confirmed = await station.api.confirm(request).catch(() => null)
      expect(confirmed === null, String(moment)).toBe(moment !== null)
      // Without a moment the relay has answered, and ends before, during or after sending the mail.
      if (moment === null) child.kill('SIGKILL')
      await killed()
      await start()
      const receipt = await station.api.confirm(request)
      if (confirmed !== null) expect(receipt).toEqual(confirmed)
      const [mail] = await shownMessages(overHttp, grant.email, 1)
      const page = browser(overHttp)
      expect(await codeOfFailure(page.portal.open({ token: tokenIn(mail?.body ?? '') }))).toBe('no failure')
    }
    // Closing waits for the notices being sent; none of them is a second mail.
    await end('SIGTERM')
    await start()
    for (const { email } of grants) expect(await shownMessages(overHttp, email, 1)).toHaveLength(1)
    // The test starts a relay with its database five times.
  }, 600_000)

  it('W7: killed while it moves entries into its audit log, it loses none and moves none twice', async () => {
    const station = await enrolWorkstation(overHttp, 'RADI-OLOG-0001')
    const made = await makePackage(station)
    await uploadPackage(overHttp, station, made)
    const request = confirmRequest(made, { grants: [someRecipient()], sendMail: false })
    await dieAt('sequenced')
    // It may die before it has answered or after.
    await station.api.confirm(request).catch(() => undefined)
    await killed()
    await start()
    await station.api.confirm(request)
    await end('SIGTERM')
    const log = await withRelayDatabase({ embedded: join(temporary.folder, 'relay') }, async (db) => {
      const verdict = await examineRelayLog(db, null)
      const rows = await db.selectFrom('audit_entry').select('entry').orderBy('entry_index').execute()
      return { verdict, entries: rows.map(({ entry }) => entry) }
    })
    expect(log.verdict).toMatchObject({ finding: 'not-compared', entries: log.entries.length })
    const times = (words: string): number => log.entries.filter((entry) => entry.includes(words)).length
    expect([times('"action":"enrol"'), times('"action":"started"')]).toEqual([1, 2])
    expect(times(`"shareId":"${request.shareId}"`)).toBe(1)
  })
})
