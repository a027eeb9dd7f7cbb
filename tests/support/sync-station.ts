/**
 * A workstation's sync at a relay, for tests: small files to share, a network that can be cut, and a process that can
 * die at any moment.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { WorkstationEvent } from '../../src-core/contract/workstation.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { PROTOCOL_1 } from '../../src-core/contract/protocol.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  textElement,
  writeDataset,
} from '../../src-core/dicom/write.ts'
import type { Sync } from '../../src-main/ports/services.ts'
import { preparePackage, uuidUid } from '../../src-main/sharing/prepare.ts'
import type { ShareRecord, SyncLedger } from '../../src-main/ports/records.ts'
import { createSync } from '../../src-main/sync/create-sync.ts'
import type { SyncContext } from '../../src-main/sync/sync-context.ts'
import type { TestWorkstation } from '../integration/relay-support.ts'
import { MemoryLedger } from './memory-ledger.ts'
import { samplePrepare, sampleShare } from './sample-share.ts'
import { selectedInstance } from './selected-instances.ts'

export const RELAY_URL = 'http://127.0.0.1:9'

/** A network that a test can cut or delay, or that kills the process; its rule gets method and path of each request. */
export type Network = { fetch: typeof globalThis.fetch; up: boolean; readonly requests: string[] }

export function cuttableNetwork(fetch: typeof globalThis.fetch): Network {
  const network: Network = {
    up: true,
    requests: [],
    fetch: (async (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, { ...init, ...(init?.body ? { duplex: 'half' } : {}) } as RequestInit)
      network.requests.push(`${request.method} ${new URL(request.url).pathname}`)
      if (!network.up) throw new TypeError('fetch failed')
      return fetch(request)
    }) as typeof globalThis.fetch,
  }
  return network
}

export interface SliceIds {
  readonly study: string
  readonly series: string
  readonly number: number
  readonly PatientName?: string
  readonly PatientID?: string
  readonly StudyDescription?: string
}

/** Writes one CT slice of invented pixels to a file. */
export function writeSlice(folder: string, ids: SliceIds, pixelBytes = 8192): string {
  const { PatientName = 'Sample^Person', PatientID = 'SAMPLE-1', StudyDescription = 'CT thorax' } = ids
  const SOPClassUID = '1.2.840.10008.5.1.4.1.1.2'
  const SOPInstanceUID = uuidUid(crypto.randomUUID())
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, SOPInstanceUID)
  const rows = 64
  writeFileSync(
    file,
    Buffer.concat([
      filePreambleAndMeta({
        MediaStorageSOPClassUID: SOPClassUID,
        MediaStorageSOPInstanceUID: SOPInstanceUID,
        TransferSyntaxUID: '1.2.840.10008.1.2.1',
      }),
      writeDataset([
        textElement(TAG.ImageType, 'CS', ['ORIGINAL', 'PRIMARY', 'AXIAL']),
        textElement(TAG.SOPClassUID, 'UI', SOPClassUID),
        textElement(TAG.SOPInstanceUID, 'UI', SOPInstanceUID),
        textElement(TAG.StudyInstanceUID, 'UI', ids.study),
        textElement(TAG.SeriesInstanceUID, 'UI', ids.series),
        textElement(TAG.PatientName, 'PN', PatientName),
        textElement(TAG.PatientID, 'LO', PatientID),
        textElement(TAG.StudyDate, 'DA', '20261120'),
        textElement(TAG.StudyDescription, 'LO', StudyDescription),
        textElement(TAG.Modality, 'CS', 'CT'),
        textElement(TAG.InstanceNumber, 'IS', String(ids.number)),
        numberElement(TAG.Rows, 'US', [rows]),
        numberElement(TAG.Columns, 'US', [pixelBytes / 2 / rows]),
        numberElement(TAG.BitsAllocated, 'US', [16]),
        bytesElement(TAG.PixelData, 'OW', randomBytes(pixelBytes)),
      ]),
    ]),
  )
  return file
}

export interface Station {
  readonly ledger: MemoryLedger
  readonly events: WorkstationEvent[]
  readonly network: Network
  /** Adds a share of some new slices to the outbox. */
  share(options?: {
    slices?: number
    pixelBytes?: number
    terms?: Partial<ShareTerms>
    recipientId?: string
    email?: string
  }): ShareRecord
  /** Starts sync, as a start of the program does. */
  start(change?: (context: SyncContext) => SyncContext): Promise<Sync>
  readonly context: SyncContext
}

let recipients = 0

export async function openStation(folder: string, workstation: TestWorkstation, network: Network): Promise<Station> {
  const ledger = new MemoryLedger()
  const events: WorkstationEvent[] = []
  const { enrolment } = workstation
  const made = await samplePrepare(folder)
  const keys = {
    relayRecipient: enrolment.relayRecipient,
    organisationRecipient: enrolment.organisationRecipient,
    workstationRecipient: workstation.recipient,
    signingSeed: workstation.seed,
  }
  let revision = 0
  let { protocol = PROTOCOL_1 } = enrolment
  const context: SyncContext = {
    ledger,
    spool: made.context.spool,
    connection: async () => ({ relayUrl: RELAY_URL, token: enrolment.token, protocol, fetch: network.fetch }),
    prepare: async ({ shareId }, options) =>
      preparePackage(await ledger.share(shareId), { ...made.context, keys, ...options }),
    applyOrganisation: async (organisation) => {
      protocol = organisation.protocol ?? PROTOCOL_1
    },
    tellHead: async () => {},
    directoryRevision: async () => revision,
    applyDirectory: async (change) => {
      revision = change.revision
    },
    emit: (event) => {
      events.push(event)
    },
    now: () => new Date(),
    clock: () => performance.now(),
    // The pauses are short, so that a test does not wait a minute.
    random: () => -0.9,
  }
  return {
    ledger,
    events,
    network,
    context,
    share({ slices = 2, pixelBytes = 8192, terms = {}, recipientId, email } = {}) {
      recipients += 1
      const ids = { study: uuidUid(crypto.randomUUID()), series: uuidUid(crypto.randomUUID()) }
      const instances = Array.from({ length: slices }, (_, index) =>
        selectedInstance(writeSlice(path.join(folder, 'files'), { ...ids, number: index + 1 }, pixelBytes)),
      )
      const share = sampleShare(instances, terms)
      const id = recipientId ?? `test-${recipients}`
      const completeShare: ShareRecord = {
        ...share,
        actor: {
          ...share.actor,
          staffId: 'sample-technologist',
          organisationId: enrolment.organisation.organisationId,
          departmentId: enrolment.department.departmentId,
          workstationId: enrolment.workstation.workstationId,
        },
        recipients: share.recipients.map((recipient) => ({
          ...recipient,
          recipientId: id,
          email: email ?? `${id}@example.org`,
        })),
      }
      ledger.add(completeShare)
      return completeShare
    },
    async start(change = (same) => same) {
      const sync = createSync(change(context))
      await sync.start()
      return sync
    },
  }
}

/** Returns a context in which the program dies at its n-th external step: after that nothing has an effect any more. */
export function dyingContext(
  context: SyncContext,
  dieAt: number,
  when: 'before' | 'after',
): { context: SyncContext; died: Promise<void>; steps: () => number } {
  let step = 0
  let dead = false
  let report: () => void = () => undefined
  // A dead process writes nothing more, so a package that is being prepared in this process is waited for.
  let busy: Promise<unknown> = Promise.resolve()
  const died = new Promise<void>((resolve) => {
    report = () => void busy.then(() => resolve())
  })
  const never = new Promise<never>(() => undefined)
  const gate = async <T>(effect: () => Promise<T>): Promise<T> => {
    if (dead) return never
    step += 1
    const last = step === dieAt
    if (last && when === 'before') {
      dead = true
      report()
      return never
    }
    const result = await effect()
    if (last) {
      dead = true
      report()
    }
    return dead ? never : result
  }
  const writes = new Set<keyof SyncLedger>([
    'apply',
    'savePackage',
    'keepConfirm',
    'saveReceipt',
    'applyFeed',
    'commandDone',
  ])
  const ledger = new Proxy(context.ledger, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown
      if (typeof method !== 'function') return method
      const call = (...parameters: unknown[]): Promise<unknown> =>
        Reflect.apply(method, target, parameters) as Promise<unknown>
      return (...parameters: unknown[]) =>
        writes.has(name as keyof SyncLedger) ? gate(() => call(...parameters)) : dead ? never : call(...parameters)
    },
  })
  return {
    died,
    steps: () => step,
    context: {
      ...context,
      ledger,
      prepare: (share, options) =>
        gate(() => {
          const making = context.prepare(share, options)
          busy = making.catch(() => undefined)
          return making
        }),
      connection: async () => {
        const connection = await context.connection()
        return (
          connection && {
            ...connection,
            fetch: ((input: string, init?: RequestInit) => gate(() => connection.fetch(input, init))) as typeof fetch,
          }
        )
      },
      spool: { ...context.spool, remove: (packageId) => gate(() => context.spool.remove(packageId)) },
    },
  }
}
