/** The workstation's sync: contact with the relay, and the runner that empties the outbox (S1). */
import type { Sync } from '../ports/services.ts'
import { createContact } from './contact.ts'
import { createProgressTracker } from './progress.ts'
import { createRunner } from './runner.ts'
import { outboxSteps } from './steps.ts'
import type { SyncContext } from './sync-context.ts'

export function createSync(context: SyncContext): Sync {
  const ending = new AbortController()
  const progress = createProgressTracker(context.clock, () => context.emit({ type: 'outbox' }))
  const contact = createContact(context, () => runner.wake())
  const runner = createRunner({
    context,
    steps: outboxSteps(context, progress),
    progress,
    online: () => contact.state(),
    onDelivered: () => contact.wake(),
  })
  let running: Promise<unknown> = Promise.resolve()

  /**
   * Removes packages from the spool that no share needs: of a cancelled or delivered share, or left when the program
   * was killed.
   */
  async function tidySpool(): Promise<void> {
    await context.spool.clearUnfinished()
    for (const packageId of await context.spool.packages()) {
      const record = await context.ledger.package(packageId)
      const state = record ? (await context.ledger.item(record.shareId)).state : 'cancelled'
      if (state === 'delivered' || state === 'cancelled') await context.spool.remove(packageId)
    }
  }

  return {
    async start() {
      await context.ledger.restart(context.now().toISOString())
      await tidySpool()
      running = Promise.all([contact.run(ending.signal), runner.run(ending.signal)])
    },
    kick() {
      runner.wake()
      contact.wake()
    },
    state: () => contact.state(),
    progress: (shareId) => progress.get(shareId),
    async close() {
      ending.abort()
      await running
    },
  }
}
