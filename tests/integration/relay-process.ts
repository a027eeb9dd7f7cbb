/**
 * Runs a relay in its own process, to be killed: it prints its address, and ends cleanly on SIGTERM. The message `{
 * dies: moment }` makes it end itself at the next such moment:
 * `written`: bytes of an upload are in the file but not yet synced; `synced`: they are synced, but not yet
 * acknowledged;
 * `stored`: a share is in its transaction; `committed`: the transaction is committed, but not yet acknowledged.
 * `sequenced`: pending entries are in the audit log, in a transaction that is not committed yet.
 */
import { open } from 'node:fs/promises'
import pg from 'pg'
import { serveRelay, type ServeOptions } from '../../src-relay/hosts/serve.ts'

export type Moment = 'written' | 'synced' | 'stored' | 'committed' | 'sequenced'

let dies: Moment | null = null
process.on('message', (message: { dies: Moment }) => {
  dies = message.dies
  process.send!('armed')
})
const reached = (moment: Moment): void => {
  if (dies === moment) process.kill(process.pid, 'SIGKILL')
}

const handle = await open(import.meta.filename)
const files = Object.getPrototypeOf(handle) as typeof handle
await handle.close()
const { sync } = files
files.sync = async function (this: typeof handle) {
  reached('written')
  await sync.call(this)
  reached('synced')
}

/** Connections whose transaction has stored a share. */
const storing = new WeakSet<object>()
const client = pg.Client.prototype as { query(...values: unknown[]): unknown }
const { query } = client
client.query = function (this: object, ...values) {
  const sql = typeof values[0] === 'string' ? values[0] : ((values[0] as { text?: string } | null)?.text ?? '')
  const commits = /^commit\b/i.test(sql) && storing.delete(this)
  if (commits) reached('stored')
  if (/^insert into "share" /i.test(sql)) storing.add(this)
  const answer = query.apply(this, values)
  const moment = commits ? 'committed' : /^insert into "audit_entry" /i.test(sql) ? 'sequenced' : null
  return moment !== null && answer instanceof Promise
    ? answer.then((result: unknown) => {
        reached(moment)
        return result
      })
    : answer
}

const relay = await serveRelay(JSON.parse(process.argv[2] ?? '{}') as ServeOptions)
process.once('SIGTERM', () => void relay.close().then(() => process.exit(0)))
process.stdout.write(`${JSON.stringify({ url: relay.url })}\n`)
