/** The workstation's services as its procedures and routes use them. workstation.ts creates them once. */
import type { PageFailure } from '../../src-core/contract/workstation.ts'
import type { SeenInSession } from '../audit/seen-in-session.ts'
import type { Host } from '../ports/host.ts'
import type { Events, Library, Sync } from '../ports/services.ts'
import type { Sharing } from '../sharing/share-studies.ts'
import type { StaffSession } from '../staff/session.ts'
import type { Storage } from '../storage/open-storage.ts'

/** All services, by name. */
export interface Services {
  readonly host: Host
  readonly events: Events
  readonly library: Library
  readonly sync: Sync
  readonly storage: Storage
  readonly session: StaffSession
  readonly seen: SeenInSession
  readonly sharing: Sharing
  readonly pageFailed: (failure: PageFailure) => void
}
