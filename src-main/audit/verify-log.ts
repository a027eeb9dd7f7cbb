/** Verifies the audit log against itself and against the heads that the relay keeps of it (W7). */
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import { canDo, PROTOCOL_1 } from '../../src-core/contract/protocol.ts'
import type { WitnessState } from '../../src-core/contract/relay.ts'
import type { LogFinding, LogVerdict } from '../../src-core/contract/workstation.ts'
import type { LogProof } from '../../src-core/audit/log-check.ts'
import type { Host } from '../ports/host.ts'
import { enrolmentToken } from '../secrets/workstation-keys.ts'
import type { KnownEnrolment } from '../storage/ledger/staff-repository.ts'
import type { Storage } from '../storage/open-storage.ts'
import { relayClient } from '../sync/relay-client.ts'

export interface VerifyOptions {
  readonly storage: Pick<Storage, 'audit' | 'staff'>
  readonly host: Pick<Host, 'secrets' | 'fetch' | 'now'>
}

/**
 * Verifies the log. It queries the relay first: the log only grows, so it then has at least as many entries as the
 * relay's head.
 */
export async function verifyLog({ storage, host }: VerifyOptions): Promise<LogVerdict> {
  const enrolment = await storage.staff.enrolment()
  const { witness, comparedWith, reason } = await knownHeads({ storage, host }, enrolment)
  const witnessed = witness?.witnessed ?? null
  const proof = await storage.audit.verify(
    witnessed && { entries: witnessed.entries, head: Buffer.from(witnessed.head, 'hex') },
  )
  const finding = findingOf({
    proof,
    hasAlarm: (witness?.alarm ?? null) !== null,
    isEnrolled: enrolment !== null,
    hasEnrolmentEntry: enrolment !== null && (await hasEnrolmentEntry(storage, enrolment)),
    hasToken: await hasToken(host),
    comparedNow: comparedWith === 'relay',
  })
  const notWitnessed = Math.max(0, proof.entries - (witnessed?.entries ?? 0))
  return {
    entries: proof.entries,
    head: proof.head,
    ok: finding === 'consistent',
    finding,
    comparedWith: witnessed === null ? null : comparedWith,
    reason: reason ?? (witnessed === null ? 'nothing-witnessed' : null),
    witnessed,
    notWitnessed,
    notWitnessedSince: notWitnessed === 0 ? null : (witnessed?.at ?? (await storage.audit.firstEntryAt())),
    alarm: witness?.alarm ?? null,
  }
}

interface KnownHeads {
  readonly witness: WitnessState | null
  readonly comparedWith: LogVerdict['comparedWith']
  /** Code of the error that prevented the query of the relay; null when the relay answered. */
  readonly reason: string | null
}

/**
 * The relay's present answer; without one, the last answer from the ledger, which proves nothing against the ledger's
 * owner.
 */
async function knownHeads({ storage, host }: VerifyOptions, enrolment: KnownEnrolment | null): Promise<KnownHeads> {
  try {
    return { witness: await askRelay(host, enrolment), comparedWith: 'relay', reason: null }
  } catch (error) {
    const stored = await storage.audit.keptWitness()
    const lastAnswer = stored?.workstationId === enrolment?.workstation.workstationId ? stored : null
    return { witness: lastAnswer, comparedWith: lastAnswer && 'kept-answer', reason: codeOf(error) }
  }
}

/** @error not-enrolled, secrets-locked, relay-outdated, and what the relay client throws */
async function askRelay(host: VerifyOptions['host'], enrolment: KnownEnrolment | null): Promise<WitnessState> {
  const token = enrolment && (await enrolmentToken(host.secrets))
  if (enrolment === null || token === null) throw new OutpostError('not-enrolled')
  if (!canDo(enrolment.protocol ?? PROTOCOL_1, 'audit-heads')) throw new OutpostError('relay-outdated')
  return relayClient({ relayUrl: enrolment.relayUrl, token, fetch: host.fetch }).auditHeads()
}

/** Whether the secrets contain a token of an enrolment. While they are locked the answer is no. */
async function hasToken({ secrets }: VerifyOptions['host']): Promise<boolean> {
  return !secrets.locked && (await enrolmentToken(secrets)) !== null
}

/** Whether the log has the entry of the enrolment. A log without this entry was emptied and begun again. */
async function hasEnrolmentEntry({ audit }: VerifyOptions['storage'], enrolment: KnownEnrolment): Promise<boolean> {
  const about = await audit.about(enrolment.workstation.workstationId)
  return about.some(({ entry }) => entry.action === 'enrol')
}

interface Findings {
  readonly proof: LogProof
  readonly hasAlarm: boolean
  readonly isEnrolled: boolean
  readonly hasEnrolmentEntry: boolean
  readonly hasToken: boolean
  readonly comparedNow: boolean
}

/** Chooses the most serious finding. */
function findingOf({ proof, hasAlarm, isEnrolled, hasEnrolmentEntry, hasToken, comparedNow }: Findings): LogFinding {
  if (!proof.ok) return 'changed'
  if (isEnrolled && !hasEnrolmentEntry) return 'emptied'
  if (!isEnrolled && hasToken) return 'enrolment-missing'
  if (proof.witnessed === 'shorter') return 'shortened'
  if (proof.witnessed === 'differs') return 'rewritten'
  if (hasAlarm) return 'alarm'
  return comparedNow && proof.witnessed === 'agrees' ? 'consistent' : 'not-compared'
}
