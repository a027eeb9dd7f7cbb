/** Connects sync to the other services of the workstation. */
import { join } from 'node:path'
import { PROTOCOL_1 } from '../../src-core/contract/protocol.ts'
import { correlatedFetch } from '../../src-engine/correlation.ts'
import type { OrganisationState } from '../../src-core/contract/relay.ts'
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import { loadMediaCatalog } from '../../src-engine/messages/catalogs.ts'
import { headTeller } from '../audit/tell-head.ts'
import { enrolmentToken, workstationKeys } from '../secrets/workstation-keys.ts'
import type { PrepareOrder } from '../sharing/prepare-messages.ts'
import { prepareInThread } from '../sharing/preparer.ts'
import { openSpool } from '../sharing/prepare-spool.ts'
import type { Storage } from '../storage/open-storage.ts'
import { createSync } from '../sync/create-sync.ts'
import type { Host } from '../ports/host.ts'
import type { Events, Sync } from '../ports/services.ts'

/** Called after a share is prepared, if rendering of some of its previews failed: how many, for each code. */
type PreviewFailures = (shareId: string, code: ErrorCode, counts: { unexpected: number; expected: number }) => void

export interface SyncParts {
  readonly host: Host
  readonly storage: Storage
  readonly events: Events
  readonly applyOrganisation: (organisation: OrganisationState) => Promise<void>
  readonly onFailure: (where: 'outbox' | 'contact', error: unknown) => void
  readonly onPreviewsFailed: PreviewFailures
}

export function makeSync({ host, storage, events, applyOrganisation, onFailure, onPreviewsFailed }: SyncParts): Sync {
  const spool = openSpool(join(host.dataFolder, 'spool'))
  return createSync({
    spool,
    onFailure,
    ledger: storage.ledger,
    async connection() {
      const enrolment = await storage.staff.enrolment()
      if (enrolment === null) return null
      const token = await enrolmentToken(host.secrets)
      const { relayUrl, protocol = PROTOCOL_1 } = enrolment
      return token === null ? null : { relayUrl, token, protocol, fetch: correlatedFetch(host.fetch) }
    },
    async prepare({ shareId, mailLanguage }, { signal, onProgress, earlierSource }) {
      const enrolment = await storage.staff.enrolment()
      if (enrolment === null) throw new OutpostError('not-enrolled')
      const keys = await workstationKeys(host.secrets)
      const { relayRecipient, organisationRecipient } = enrolment
      const order: PrepareOrder = {
        dataFolder: host.dataFolder,
        shareId,
        earlierSource: earlierSource ?? null,
        createdAt: host.now().toISOString(),
        uidKey: keys.uidKey,
        keys: {
          relayRecipient,
          organisationRecipient,
          workstationRecipient: keys.recipient,
          signingSeed: keys.signingSeed,
        },
        words: await loadMediaCatalog(join(host.resourcesFolder, 'messages'), mailLanguage),
      }
      const { preparer: entry } = host.entries
      const prepared = await prepareInThread(order, { entry, imaging: host.imaging, signal, onProgress })
      for (const [code, counts] of prepared.previewsFailed) onPreviewsFailed(shareId, code, counts)
      return prepared.record
    },
    tellHead: headTeller({ audit: storage.audit, enrolment: () => storage.staff.enrolment(), now: host.now }),
    applyOrganisation: async (organisation) => {
      await applyOrganisation(organisation)
      events.emit({ type: 'settings' })
    },
    directoryRevision: () => storage.directory.revision(),
    applyDirectory: async (change) => {
      await storage.directory.applyChanges(change)
      events.emit({ type: 'directory' })
    },
    emit: events.emit,
    now: host.now,
    clock: () => performance.now(),
    random: Math.random,
  })
}
