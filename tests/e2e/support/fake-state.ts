/** The state of the fake workstation, and its beginning in each scenario. */
import { shareEnd } from '../../../src-core/sharing/validity.ts'
import type { WorkstationEvent } from '../../../src-core/contract/workstation.ts'
import type { PixelRegion, SignedOff } from '../../../src-core/contract/deidentification.ts'
import type { RecipientView } from '../../../src-core/contract/recipients.ts'
import type {
  AuditEntryView,
  OutboxRow,
  ShareMoment,
  ShareStatus,
  StaffView,
} from '../../../src-core/contract/shares.ts'
import type { Folder, StudyRow } from '../../../src-core/contract/studies.ts'
import type { SharePolicy } from '../../../src-core/contract/terms.ts'
import type { ShareTerms } from '../../../src-core/contract/terms/share-terms.ts'
import { inventRecipients, inventStudies } from './invented-data.ts'

export const SCENARIOS = [
  'empty',
  'few',
  'many',
  'indexing',
  'offline',
  'failed',
  'signed-out',
  'locked',
  'first-use',
  'not-enrolled',
  'not-opened',
  'strict',
  'two-patients',
] as const
export type Scenario = (typeof SCENARIOS)[number]

export interface FakeState {
  readonly scenario: Scenario
  studies: StudyRow[]
  recipients: RecipientView[]
  folders: Folder[]
  outbox: OutboxRow[]
  shares: ShareStatus[]
  audit: AuditEntryView[]
  /** The images that were reviewed, and the regions of each sign-off. */
  readonly signedOff: SignedOff[]
  readonly signed: PixelRegion[][]
  staff: StaffView | null
  readonly known: StaffView[]
  policy: SharePolicy
  remembered: { twoFactor: boolean; sendMail: boolean }
  settings: { colorScheme: 'dark' | 'light' | 'auto'; language: 'en' | 'nl' | 'fr' | 'de'; glovesMode: boolean }
  online: boolean
  enrolled: boolean
  secrets: { backend: 'keychain' | 'file'; locked: boolean; firstUse: boolean }
  emit(event: WorkstationEvent): void
  subscribe(listener: (event: WorkstationEvent) => void): () => void
  stop(): void
}

export const ADMINISTRATOR: StaffView = { staffId: 's3', name: 'Ada Administrator (sample)', role: 'administrator' }
const KNOWN: StaffView[] = [
  { staffId: 's1', name: 'Tess Technologist (sample)', role: 'technologist' },
  { staffId: 's2', name: 'Phil Physician (sample)', role: 'physician' },
  ADMINISTRATOR,
]

const POLICY: SharePolicy = {
  validity: {
    default: { kind: 'period', period: { unit: 'month', count: 1 } },
    maximum: { unit: 'month', count: 12 },
    unlimitedOffered: true,
  },
  twoFactor: 'offered',
  sendMail: 'offered',
  rights: ['images-read-report', 'images-write-report'],
  anonymize: 'offered',
  furtherSharing: 'offered',
  reasons: ['Follow-up', 'Second opinion', 'Multidisciplinary meeting'],
  defaultLanguage: 'en',
  timeZone: 'Europe/Brussels',
  contact: 'Radiology desk, +32 2 000 00 00',
}
const STRICT: SharePolicy = {
  ...POLICY,
  validity: {
    default: { kind: 'period', period: { unit: 'day', count: 14 } },
    maximum: { unit: 'month', count: 1 },
    unlimitedOffered: false,
  },
  twoFactor: 'required',
  sendMail: 'required',
  rights: ['images-read-report'],
  anonymize: 'required',
  furtherSharing: 'forbidden',
  reasons: [],
}

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()

/** The terms of the sample shares. */
export const TERMS: ShareTerms = {
  right: 'images-read-report',
  reason: 'Follow-up',
  validity: { kind: 'period', period: { unit: 'month', count: 1 } },
  patientAgreed: true,
  urgent: false,
  anonymize: false,
  twoFactor: false,
  sendMail: true,
  furtherSharing: false,
  message: 'Please see the nodule in the left upper lobe.',
  mailLanguage: null,
}

function outboxRow(number: number, more: Partial<OutboxRow>): OutboxRow {
  return {
    shareId: uuid(number),
    state: 'queued',
    reason: null,
    waitingUntil: null,
    undoUntil: null,
    since: ago(12),
    createdAt: ago(14),
    createdBy: 'Tess Technologist (sample)',
    urgent: false,
    patient: 'DOE^Jane',
    description: 'CT thorax with contrast',
    recipients: ['Dr Anna Voorbeeld'],
    instances: 1180,
    instancesPrepared: 1180,
    bytesSent: 0,
    bytesTotal: 612_000_000,
    bytesPerSecond: null,
    position: number,
    ...more,
  }
}

function outboxOf(scenario: Scenario): OutboxRow[] {
  if (scenario === 'offline') {
    return [1, 2, 3].map((number) =>
      outboxRow(number, {
        state: 'waiting',
        reason: 'offline',
        urgent: number === 1,
        patient: ['DOE^Jane', 'SAMPLE^Alice', 'NOBODY^Bob'][number - 1] ?? '',
      }),
    )
  }
  if (scenario === 'failed') {
    return [
      outboxRow(1, {
        state: 'failed',
        reason: 'source-changed',
        patient: 'SPECIMEN^Carol',
        description: 'MR knee left',
        instances: 220,
        instancesPrepared: 41,
        bytesTotal: 0,
      }),
      outboxRow(2, {
        state: 'failed',
        reason: 'disk-full',
        patient: 'EXAMPLE^Dirk',
        description: 'PET-CT whole body',
        instancesPrepared: 3,
      }),
      outboxRow(8, { state: 'failed', reason: 'package-damaged', patient: 'FICTION^Elke', description: 'CR thorax' }),
      outboxRow(3, { state: 'uploading', urgent: true, bytesSent: 214_000_000, bytesPerSecond: 38_000_000 }),
      outboxRow(4, { state: 'preparing', patient: 'NOBODY^Bob', instancesPrepared: 412, bytesTotal: 0 }),
      outboxRow(5, {
        state: 'queued',
        patient: 'SAMPLE^Alice',
        description: 'US abdomen',
        instances: 14,
        instancesPrepared: 0,
        bytesTotal: 0,
        recipients: ['Dr Bernard Exemple', 'Dr Clara Beispiel'],
      }),
      outboxRow(6, { state: 'paused', patient: 'NEMO^Fien', bytesSent: 90_000_000 }),
      outboxRow(7, { state: 'delivered', patient: 'VOORBEELD^Gust', bytesSent: 612_000_000 }),
    ]
  }
  return []
}

function sharesOf(studies: StudyRow[]): ShareStatus[] {
  const states: { state: ShareStatus['recipients'][number]['state']; reason?: string }[] = [
    { state: 'opened' },
    { state: 'notified' },
    { state: 'blocked' },
    { state: 'undeliverable', reason: 'recipient-without-email' },
    { state: 'withdrawn' },
    { state: 'expired' },
    { state: 'uploading' },
    { state: 'delivered' },
  ]
  return studies.slice(0, 8).map((study, index) => {
    const entry = states[index % states.length]!
    const delivered = entry.state === 'uploading' ? null : ago(60 * (index + 2))
    const ends = delivered === null ? null : new Date(Date.now() + (index === 1 ? 2 : 25) * 86_400_000)
    const recipient = (
      recipientId: string,
      name: string,
      state: typeof entry.state,
      reason: string | null,
    ): ShareStatus['recipients'][number] => ({
      recipientId,
      name,
      state,
      stateAt: ago(50 * (index + 1)),
      notifiedAt: delivered,
      openedAt: state === 'opened' ? ago(30) : null,
      reason,
    })
    return {
      shareId: uuid(100 + index),
      createdAt: ago(60 * (index + 2) + 3),
      createdBy: 'Tess Technologist (sample)',
      patient: study.PatientName,
      PatientID: study.PatientID,
      studies: [
        {
          StudyInstanceUID: study.StudyInstanceUID,
          StudyDescription: study.StudyDescription,
          StudyDate: study.StudyDate,
          instances: study.instances,
        },
      ],
      terms: { ...TERMS, twoFactor: entry.state === 'blocked' },
      mailLanguage: 'en',
      deliveredAt: delivered,
      expiresAt: ends?.toISOString() ?? null,
      end: ends && shareEnd(ends, new Date(delivered ?? ends), 'Europe/Brussels'),
      own: index % 2 === 0,
      withdrawnAt: entry.state === 'withdrawn' ? ago(50) : null,
      recipients: [
        recipient('r1', 'Dr Anna Voorbeeld', entry.state, entry.reason ?? null),
        ...(index === 0 ? [recipient('r2', 'Dr Bernard Exemple', 'notified', null)] : []),
      ],
    }
  })
}

/** Returns the history of an invented share, derived from the states of its recipients. */
export function historyOf(shares: readonly ShareStatus[], shareId: string): ShareMoment[] {
  const share = shares.find((each) => each.shareId === shareId)
  if (share === undefined) return []
  const by = { kind: 'staff' as const, name: share.createdBy }
  const program = { kind: 'program' as const, name: '' }
  const moment = (at: string, action: string, recipient: string | null = null) => ({
    at,
    action,
    actor: ['share', 'withdraw'].includes(action) ? by : program,
    recipient,
    reason: null,
  })
  return [
    moment(share.createdAt, 'share'),
    ...(share.deliveredAt === null ? [] : [moment(share.deliveredAt, 'delivery')]),
    ...share.recipients.flatMap(({ name, notifiedAt, openedAt, state, stateAt }) => [
      ...(notifiedAt === null ? [] : [moment(notifiedAt, 'notified', name)]),
      ...(openedAt === null ? [] : [moment(openedAt, 'opened', name)]),
      ...(['blocked', 'undeliverable', 'expired'].includes(state) ? [moment(stateAt, state, name)] : []),
    ]),
    ...(share.withdrawnAt === null ? [] : [moment(share.withdrawnAt, 'withdraw')]),
  ].toSorted((left, right) => left.at.localeCompare(right.at))
}

function auditOf(): AuditEntryView[] {
  const actions = ['share', 'undo', 'sign-in', 'delivery', 'opened', 'withdraw', 'sign-out', 'enrol']
  return Array.from({ length: 60 }, (_unused, index) => ({
    index: 59 - index,
    at: ago(index * 17),
    actor: KNOWN[index % 3]!.name,
    organisation: 'Sample Hospital (demonstration)',
    department: 'Radiology',
    action: actions[index % actions.length]!,
    subject: index % 8 < 2 ? uuid(100 + (index % 8)) : '',
    detail: index % 8 === 0 ? { instances: 1180, recipients: 2 } : {},
    leafHash: ((index + 1) * 7919).toString(16).padStart(64, 'a'),
  }))
}

/** Returns a new, separate state for each call. */
export function createFakeState(scenario: Scenario): FakeState {
  const listeners = new Set<(event: WorkstationEvent) => void>()
  const count =
    scenario === 'empty' || scenario === 'not-enrolled'
      ? 0
      : scenario === 'many' || scenario === 'indexing'
        ? 20_000
        : 5
  const studies = inventStudies(count, new Date())
  if (scenario === 'two-patients')
    studies[0]!.otherPatients = [
      {
        PatientName: 'ROE-VAN DEN BERGHE^Richard Maximilian',
        PatientID: 'X999999',
        IssuerOfPatientID: 'SAMPLE',
        PatientBirthDate: '19551231',
      },
    ]
  const folder: Folder = {
    folderId: 'f1',
    name: 'Modality inbox',
    state: 'watching',
    code: null,
    files: count * 240,
    indexed: count * 240 - 3,
    skipped: 3,
    progress: null,
  }
  const timers: NodeJS.Timeout[] = []
  const state: FakeState = {
    scenario,
    studies,
    recipients: inventRecipients(),
    folders:
      count === 0
        ? []
        : [
            scenario === 'indexing'
              ? {
                  ...folder,
                  state: 'indexing',
                  indexed: 412_310,
                  files: 1_180_000,
                  progress: { done: 412_310, total: 1_180_000, secondsLeft: 98 },
                }
              : folder,
          ],
    outbox: outboxOf(scenario),
    shares: count === 0 ? [] : sharesOf(studies),
    audit: count === 0 ? [] : auditOf(),
    signedOff: [],
    signed: [],
    staff: ['signed-out', 'locked', 'first-use', 'not-enrolled'].includes(scenario) ? null : KNOWN[0]!,
    known: KNOWN,
    policy: scenario === 'strict' ? STRICT : POLICY,
    remembered: { twoFactor: false, sendMail: true },
    settings: { colorScheme: 'dark', language: 'en', glovesMode: false },
    online: scenario !== 'offline',
    enrolled: scenario !== 'not-enrolled',
    secrets: {
      backend: scenario === 'locked' || scenario === 'first-use' ? 'file' : 'keychain',
      locked: scenario === 'locked' || scenario === 'first-use',
      firstUse: scenario === 'first-use',
    },
    emit: (event) => {
      for (const listener of listeners) listener(event)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer)
    },
  }
  if (scenario === 'indexing') {
    timers.push(
      setInterval(() => {
        const current = state.folders[0]
        if (!current?.progress || current.state !== 'indexing') return
        const done = Math.min(1_180_000, current.progress.done + 3_900)
        state.folders = [
          {
            ...current,
            indexed: done,
            progress: { done, total: 1_180_000, secondsLeft: Math.round((1_180_000 - done) / 7_800) },
          },
        ]
        state.emit({ type: 'folders' })
      }, 500),
    )
  }
  return state
}
