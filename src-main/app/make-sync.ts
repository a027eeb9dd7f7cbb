/** Gives sync what it needs of the other services. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SharePolicy } from '../../src-core/contract/models.ts'
import type { StaffRecord } from '../../src-core/contract/relay.ts'
import type { MediaWords } from '../../src-core/package/media-pages.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { pseudonyms } from '../imaging/uid-map.ts'
import { enrolmentToken, workstationKeys } from '../secrets/workstation-keys.ts'
import { stateOf } from '../sharing/look.ts'
import { preparePackage } from '../sharing/prepare.ts'
import { openSpool } from '../sharing/prepare-spool.ts'
import type { Storage } from '../storage/open-storage.ts'
import { createSync } from '../sync/create-sync.ts'
import type { Host } from './host.ts'
import type { Events, Sync } from './services.ts'

export interface SyncParts {
  readonly host: Host
  readonly storage: Storage
  readonly events: Events
  readonly applyOrganisation: (organisation: { policy: SharePolicy; staff: StaffRecord[] }) => Promise<void>
  readonly onFailure: (where: 'outbox' | 'contact', code: string) => void
}

export function makeSync({ host, storage, events, applyOrganisation, onFailure }: SyncParts): Sync {
  const spool = openSpool(join(host.dataFolder, 'spool'))
  return createSync({
    spool,
    onFailure,
    ledger: storage.ledger,
    async connection() {
      const enrolment = await storage.staff.enrolment()
      if (enrolment === null) return null
      const token = await enrolmentToken(host.secrets)
      return token === null ? null : { relayUrl: enrolment.relayUrl, token, fetch: host.fetch }
    },
    async prepare(share, { signal, onProgress }) {
      const enrolment = await storage.staff.enrolment()
      if (enrolment === null) throw new OutpostError('not-enrolled')
      const keys = await workstationKeys(host.secrets)
      const { relayRecipient, organisationRecipient } = enrolment
      return preparePackage(share, {
        spool,
        signal,
        onProgress,
        imaging: host.imaging,
        now: host.now,
        pseudonyms: pseudonyms(keys.uidKey),
        signOffs: (instances) => storage.signOffs.of(instances.map(stateOf)),
        keys: {
          relayRecipient,
          organisationRecipient,
          workstationRecipient: keys.recipient,
          signingSeed: keys.signingSeed,
        },
        words: JSON.parse(
          await readFile(join(host.resourcesFolder, 'messages', share.mailLanguage, 'media.json'), 'utf8'),
        ) as MediaWords,
      })
    },
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
