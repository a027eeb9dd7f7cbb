/**
 * Runs the storage worker in a process that ends itself while it commits a share. OUTPOST_DIES says when: after this
 * many statements of the transaction, or `committed`, before the caller learns of it. With `never` it reports the
 * number of statements.
 */
import { parentPort } from 'node:worker_threads'
import Database from 'better-sqlite3'

const dies = process.env['OUTPOST_DIES']
let inCommit = false
let statements = 0
const die = (): void => void process.kill(process.pid, 'SIGKILL')

// This listener is registered before the worker's own, so it receives each call first.
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
  const begin = transaction.call(this, work)
  return Object.assign((...values: []) => begin(...values), {
    // Only the outer transaction ends the process, not one inside it.
    immediate: (...values: []) => {
      const result = begin.immediate(...values)
      if (inCommit && !this.inTransaction && dies === 'committed') die()
      if (inCommit && !this.inTransaction && dies === 'never') process.stdout.write(`statements ${statements}\n`)
      return result
    },
  })
} as unknown as typeof transaction

await import('../../src-main/storage/worker.ts')
