/** All migrations in order. A migration that was applied anywhere is never edited. */
import type { Migration } from 'kysely/migration'
import { up as organisations } from './0001-organisations.ts'
import { up as shares } from './0002-shares.ts'
import { up as codeLimits } from './0003-code-limits.ts'
import { up as endings } from './0004-endings.ts'
import { up as knownPeople } from './0005-known-people.ts'
import { up as enrolmentSlots } from './0006-enrolment-slots.ts'
import { up as audit } from './0008-audit.ts'
import { up as noticeChannels } from './0009-notice-channels.ts'
import { up as shareTerms } from './0010-share-terms.ts'
import { up as uploadTree } from './0011-upload-tree.ts'
import { up as auditPending } from './0012-audit-pending.ts'
import { up as sessionGrants } from './0013-session-grants.ts'

export const migrations: Record<string, Migration> = {
  '0001-organisations': { up: organisations },
  '0002-shares': { up: shares },
  '0003-code-limits': { up: codeLimits },
  '0004-endings': { up: endings },
  '0005-known-people': { up: knownPeople },
  '0006-enrolment-slots': { up: enrolmentSlots },
  '0008-audit': { up: audit },
  '0009-notice-channels': { up: noticeChannels },
  '0010-share-terms': { up: shareTerms },
  '0011-upload-tree': { up: uploadTree },
  '0012-audit-pending': { up: auditPending },
  '0013-session-grants': { up: sessionGrants },
}
