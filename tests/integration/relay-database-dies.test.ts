/** Kills the relay's own database. The relay in this process must recover without help. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { shareOnce, startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import { feedEvents, queryDatabase, shownMessages, someRecipient } from './relay-support.ts'

let testRelay: EnrolledRelay
const logged: string[] = []

beforeAll(async () => {
  testRelay = await startEnrolledRelay({ config: { log: (line) => logged.push(line) } })
})
afterAll(() => testRelay.close())

async function postmaster(): Promise<number> {
  const { directory } = JSON.parse(await readFile(join(testRelay.folder, 'relay', 'database.json'), 'utf8')) as {
    directory: string
  }
  return Number((await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n')[0])
}
const health = async (): Promise<{ status: number; body: unknown }> => {
  const answer = await testRelay.fetch('http://localhost/health')
  return { status: answer.status, body: await answer.json() }
}

/** Requests the health until it has this status; every earlier answer must be one of the two. */
async function healthBecomes(status: number): Promise<void> {
  for (;;) {
    const answer = await health()
    expect([
      { status: 200, body: { ok: true } },
      { status: 503, body: { code: 'relay-error' } },
    ]).toContainEqual(answer)
    if (answer.status === status) return
  }
}

it('X12: the relay restarts a killed database, answers 503 meanwhile and then continues its work', async () => {
  const { station } = testRelay
  const settings = async () =>
    queryDatabase(
      testRelay.folder,
      "SELECT name, setting FROM pg_settings WHERE name IN ('wal_recycle', 'wal_level', 'log_statement') ORDER BY name",
    )
  const before = await settings()
  let cursor = 0
  for (let kills = 0; kills < 2; kills += 1) {
    const pid = await postmaster()
    process.kill(pid, 'SIGKILL')
    await healthBecomes(503)
    await healthBecomes(200)
    expect(await postmaster()).not.toBe(pid)
    expect(await settings()).toEqual(before)
    // Uploads use locks, a confirmation queues a notice, and LISTEN wakes the feed.
    const recipient = someRecipient()
    await shareOnce(testRelay, { grants: [recipient] })
    expect(await shownMessages(testRelay.fetch, recipient.email, 1)).toHaveLength(1)
    for (let eventTypes: string[] = []; !eventTypes.includes('notified'); )
      eventTypes = (await feedEvents(testRelay.fetch, station, cursor)).map(({ type }) => type)
    cursor = Math.max(0, ...(await feedEvents(testRelay.fetch, station)).map((event) => event.cursor))
  }
  // W10: the operator sees that connections broke, by kind and code only, because a message may quote a query or
  // password.
  for (const place of ['database connection', 'embedded database', 'notifications']) {
    const broken = logged.filter((line) => line.startsWith(place))
    expect(broken.length, place).toBeGreaterThan(0)
    for (const line of broken)
      expect(line).toMatch(/^[a-z ]+ \w+( [\w-]+)?( src-[\w/.-]+:\d+:\d+)?( correlation=[0-9a-f]{8})?$/)
  }
  // The database restarts twice, which takes many seconds each on a busy machine.
}, 240_000)
