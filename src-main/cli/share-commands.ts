/** The output of `share`, `outbox` and `enroll`. */
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { Uid } from '../../src-core/contract/identifiers.ts'
import { type OutboxState } from '../../src-core/contract/shares.ts'
import { Patient } from '../../src-core/contract/studies.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { defaultTerms } from '../../src-core/sharing/default-terms.ts'
import { enrolWorkstation, type EnrolOptions } from '../staff/enrol.ts'
import type { Storage } from '../storage/open-storage.ts'
import { withProgress } from '../app/procedures/outbox.ts'
import type { Services } from '../app/services.ts'

export interface ShareWords {
  readonly studies: readonly string[]
  /** Id or name of the staff member who shares. */
  readonly as: string
  /** Ids of recipients, or texts for which the search finds exactly one. */
  readonly to: readonly string[]
  readonly reason: string
  readonly patientAgreed: boolean
  /** The value to repeat from a refusal of several patients, once a person has read their names (W15). */
  readonly severalPatientsAgreed?: string | undefined
  /** Absent terms are taken from the department's policy and this staff member's last share. */
  readonly terms?: Partial<Omit<ShareTerms, 'reason' | 'patientAgreed'>>
}

/** The patients of a selection with several, and the value to repeat when all of them are meant. */
export interface SeveralPatients {
  readonly refused: 'several-patients'
  readonly patients: readonly Patient[]
  readonly severalPatientsAgreed: string
}

/**
 * @returns the patients instead of a share, where there are several and these were not confirmed
 * @error wrong-credentials, recipient-unknown, and every other reason for which a share is refused
 */
export async function shareCommand(
  services: Pick<Services, 'session' | 'sharing' | 'storage'>,
  words: ShareWords,
): Promise<{ shareId: string; state: OutboxState } | SeveralPatients> {
  await services.session.actAs(words.as, userInfo().username)
  const who = services.session.requireFor('share')
  const { policy, ...last } = await services.sharing.defaults(who)
  const recipients: { recipientId: string; star: boolean }[] = []
  for (const text of words.to) recipients.push({ recipientId: await oneRecipient(services.storage, text), star: false })
  const selection = {
    studies: words.studies.map((study) => ({ StudyInstanceUID: Uid.parse(study), series: null })),
    leftOut: [],
  }
  const { patients, patientsShown } = await services.sharing.review(selection, false)
  if (patients.length > 1 && words.severalPatientsAgreed !== patientsShown) {
    await services.session.signOut()
    return {
      refused: 'several-patients',
      patients: patients.map((patient) => Patient.parse(patient)),
      severalPatientsAgreed: patientsShown,
    }
  }
  const { shareId, state } = await services.sharing.share(
    {
      shareId: randomUUID(),
      selection,
      confirmedPatients: words.severalPatientsAgreed,
      recipients,
      terms: {
        ...defaultTerms(policy, last),
        ...words.terms,
        reason: words.reason,
        patientAgreed: words.patientAgreed,
      },
    },
    who,
  )
  await services.session.signOut()
  return { shareId, state }
}

async function oneRecipient(storage: Pick<Storage, 'directory'>, text: string): Promise<string> {
  if ((await storage.directory.byIds([text])).length === 1) return text
  const [first, ...others] = await storage.directory.search(text, 2)
  if (!first || others.length > 0)
    throw new OutpostError('recipient-unknown', { matches: first ? others.length + 1 : 0 })
  return first.recipientId
}

export interface OutboxLine {
  readonly shareId: string
  readonly state: OutboxState
  readonly reason: string | null
  readonly bytesSent: number
  readonly bytesTotal: number
}

/** @param sync absent: the stored state without progress */
export async function outboxCommand(
  storage: Pick<Storage, 'shares'>,
  now: Date,
  sync?: Services['sync'],
): Promise<OutboxLine[]> {
  const rows = await storage.shares.outbox(now.toISOString())
  return rows
    .map((row) => (sync ? withProgress(row, sync) : row))
    .map(({ shareId, state, reason, bytesSent, bytesTotal }) => ({ shareId, state, reason, bytesSent, bytesTotal }))
}

/** @error already-enrolled, secrets-locked, relay-without-tls, wrong-enrolment-code, offline, relay-error */
export function enrollCommand(
  options: EnrolOptions,
  relayUrl: string,
  code: string,
): Promise<{ organisation: string; department: string; workstation: string }> {
  return enrolWorkstation(options, relayUrl, code)
}
