/** Every procedure of the contract with its handler. A missing handler is a compile error. */
import { auditProcedures } from './procedures/audit.ts'
import { connectionProcedures } from './procedures/connection.ts'
import { directoryProcedures } from './procedures/directory.ts'
import { libraryProcedures } from './procedures/library.ts'
import { outboxProcedures } from './procedures/outbox.ts'
import { sessionProcedures } from './procedures/session.ts'
import { settingsProcedures } from './procedures/settings.ts'
import { sharesProcedures } from './procedures/shares.ts'
import { sharingProcedures } from './procedures/sharing.ts'
import { os } from './rpc-context.ts'

export const procedures = os.router({
  session: sessionProcedures,
  library: libraryProcedures,
  directory: directoryProcedures,
  sharing: sharingProcedures,
  outbox: outboxProcedures,
  shares: sharesProcedures,
  audit: auditProcedures,
  connection: connectionProcedures,
  settings: settingsProcedures,
})
