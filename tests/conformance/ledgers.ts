/** Every ledger that the suite runs on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ShareRecord, SyncLedger } from '../../src-main/ports/records.ts'
import { MemoryLedger } from '../support/memory-ledger.ts'
import { storageInProcess } from '../support/storage-in-process.ts'

export interface LedgerUnderTest {
  readonly ledger: SyncLedger
  /** A person shares, and may undo it until the given time. */
  hold(share: ShareRecord, undoUntil: string): Promise<void>
  /** A person withdraws a share. */
  withdraw(shareId: string, now: string): Promise<void>
  close(): Promise<void>
}

export const ledgers: readonly { readonly name: string; open(): LedgerUnderTest }[] = [
  {
    name: 'memory',
    open() {
      const ledger = new MemoryLedger()
      return {
        ledger,
        hold: async (share, undoUntil) => ledger.add(share, undoUntil),
        withdraw: async (shareId) => {
          const commandId = ledger.toTell.length + 1
          ledger.toTell.push({ commandId, kind: 'withdraw', shareId, recipientId: null, by: 'staff-1' })
        },
        close: async () => {},
      }
    },
  },
  {
    name: 'SQLite',
    open() {
      const folder = mkdtempSync(join(tmpdir(), 'outpost-ledger-'))
      const { storage } = storageInProcess(folder, () => [])
      return {
        ledger: storage.ledger,
        async hold({ packageId: _packageId, ...record }, undoUntil) {
          await storage.ledger.commit({ record, stars: [], undoUntil })
        },
        withdraw: async (shareId, now) => {
          const { actor } = await storage.ledger.shareHead(shareId)
          await storage.ledger.withdraw(shareId, actor, now)
        },
        async close() {
          await storage.close()
          rmSync(folder, { recursive: true, force: true })
        },
      }
    },
  },
]
