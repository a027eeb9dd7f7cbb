/**
 * The storage worker in a process that ends itself in the middle of a commit of a share. OUTPOST_DIES says when: after
 * so many statements of the commit's transaction, or `committed`, before anybody hears of it; `never` reports how many
 * statements there are.
 */
import { parentPort } from 'node:worker_threads'
import Database from 'better-sqlite3'

const dies = process.env['OUTPOST_DIES']
let inCommit = false
let statements = 0
const die = (): void => void process.kill(process.pid, 'SIGKILL')

// Registered before the worker's own listener, so it hears of each call first.
parentPort!.on('message', (message: { method?: string }) => {
  inCommit = message.method === 'commit'
  statements = 0
})

const { prepare, transaction } = Database.prototype
Database.prototype.prepare = function (this: Database.Database, sql: string) {
  const statement = prepare.call(this, sql) as Database.Statement
  const run = statement.run.bind(statement)
  statement.run = (...values) => {
    const result = run(...values)
    if (inCommit && this.inTransaction && String((statements += 1)) === dies) die()
    return result
  }
  return statement
} as typeof prepare
Database.prototype.transaction = function (this: Database.Database, work: () => unknown) {
  const made = transaction.call(this, work)
  return Object.assign((...values: []) => made(...values), {
    // A transaction within another one ends nothing.
    immediate: (...values: []) => {
      const result = made.immediate(...values)
      if (inCommit && !this.inTransaction && dies === 'committed') die()
      if (inCommit && !this.inTransaction && dies === 'never') process.stdout.write(`statements ${statements}\n`)
      return result
    },
  })
} as unknown as typeof transaction

await import('../../src-main/storage/worker.ts')
