/** Audit entries of commands that need no workstation. They add to its ledger, also while the workstation runs. */
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { AuditAction, AuditEntry } from '../../src-core/audit/audit-entry.ts'
import { AuditLog } from '../storage/ledger/audit-log.ts'
import { openLedgerDatabase } from '../storage/ledger/ledger-database.ts'
import { StaffRepository } from '../storage/ledger/staff-repository.ts'
import { tenantOf } from '../staff/session.ts'

type Act = Pick<AuditEntry, 'subject' | 'detail'> & { readonly action: AuditAction }

/** Adds an entry. No staff member signs in on the command line, so the entry names the operating system's user. */
export type Recorder = (act: Act) => void

/**
 * Runs a command whose acts are logged. The ledger is opened first, so that an act that cannot be logged is not done.
 * Without a ledger there is no log.
 * @error ledger-damaged, data-from-newer-version, disk-full; what the work throws
 */
export async function withCommandLog<Result>(
  dataFolder: string,
  work: (record: Recorder) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(join(dataFolder, 'ledger.db'))) return work(() => {})
  const database = openLedgerDatabase(dataFolder)
  try {
    return await work((act) => append(database, act))
  } finally {
    database.close()
  }
}

function append(database: ReturnType<typeof openLedgerDatabase>, act: Act): void {
  const audit = new AuditLog(database)
  const enrolment = new StaffRepository(database, audit).enrolment()
  audit.append({
    at: new Date().toISOString(),
    actor: { kind: 'program', id: 'command-line', name: userName() },
    ...(enrolment ? tenantOf(enrolment) : { organisationId: '', departmentId: '', workstationId: '' }),
    ...act,
  })
}

/** The operating system's user. In a container the user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
