/** All repositories of the storage worker, by the names under which the main thread calls them. */
import { mkdirSync } from 'node:fs'
import { Selections } from './selections/selections.ts'
import { lockDataFolder } from './data-folder-lock.ts'
import { IndexReader } from './index/index-reader.ts'
import { DirectoryIndex, openDirectoryDatabase } from './directory/directory-index.ts'
import { AuditLog } from './ledger/audit-log.ts'
import { openLedgerDatabase } from './ledger/ledger-database.ts'
import { ShareLedger } from './ledger/share-ledger.ts'
import { SignOffs } from './ledger/sign-offs.ts'
import { ShareViews } from './ledger/share-views.ts'
import { StaffRepository } from './ledger/staff-repository.ts'

/**
 * Opens the databases of a data folder, which is created when it is missing, and locks the folder for this process.
 * @error data-folder-in-use, data-from-newer-version
 */
export function openRepositories(dataFolder: string) {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const lock = lockDataFolder(dataFolder)
  const closers: (() => void)[] = [() => lock.release()]
  const close = () => {
    for (const closer of closers.splice(0).toReversed()) closer()
  }
  try {
    const ledger = openLedgerDatabase(dataFolder)
    closers.push(() => ledger.close())
    const directory = openDirectoryDatabase(dataFolder)
    closers.push(() => directory.close())
    const index = new IndexReader(dataFolder)
    closers.push(() => index.close())
    const audit = new AuditLog(ledger)
    const shareLedger = new ShareLedger(ledger, audit)
    const signOffs = new SignOffs(ledger, audit)
    return {
      repositories: {
        audit,
        index,
        ledger: shareLedger,
        selections: new Selections({ index, signOffs, ledger: shareLedger }),
        shares: new ShareViews(ledger),
        staff: new StaffRepository(ledger, audit),
        signOffs,
        directory: new DirectoryIndex(directory),
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

export type Repositories = ReturnType<typeof openRepositories>['repositories']
