/** Sends the head of the audit log to the relay, so that a shortened or rewritten log is found (W7). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { canDo, PROTOCOL_1 } from '../../src-core/contract/protocol.ts'
import type { WitnessState } from '../../src-core/contract/relay.ts'
import { tenantOf } from '../staff/session.ts'
import type { KnownEnrolment } from '../storage/ledger/staff-repository.ts'
import type { Storage } from '../storage/open-storage.ts'
import type { RelayClient } from '../sync/relay-client.ts'

export interface HeadTellerOptions {
  readonly audit: Pick<Storage['audit'], 'about' | 'append' | 'headStatement' | 'keepWitness'>
  readonly enrolment: () => Promise<KnownEnrolment | null>
  readonly now: () => Date
}

/** The statements that were sent during one contact. */
interface Told {
  readonly state: WitnessState
  readonly entries: number
  readonly head: string
}

/**
 * Number of tries. The relay may have accepted another statement of this workstation in between; then the proof is
 * computed again.
 */
const TRIES = 3

/**
 * Creates the function that sends the head. It does nothing when the head is the last one that this client sent, or
 * when the relay keeps no heads.
 * @error audit-log-inconsistent when the relay holds a head of another log; what the relay client throws
 */
export function headTeller({ audit, enrolment, now }: HeadTellerOptions): (relay: RelayClient) => Promise<void> {
  const lastTold = new WeakMap<RelayClient, Told>()

  /** Logs, once, that an administrator of the relay accepted this log as a restored backup. */
  async function noteRestore({ witnessed, restoredOver }: WitnessState, known: KnownEnrolment): Promise<void> {
    if (witnessed === null || restoredOver === null) return
    if ((await audit.about(witnessed.head)).length > 0) return
    await audit.append({
      at: now().toISOString(),
      actor: { kind: 'program', id: 'outpost', name: 'Outpost' },
      ...tenantOf(known),
      action: 'log-restored',
      subject: witnessed.head,
      detail: { entries: witnessed.entries, knownBefore: restoredOver },
    })
  }

  return async (relay) => {
    const knownEnrolment = await enrolment()
    if (knownEnrolment === null || !canDo(knownEnrolment.protocol ?? PROTOCOL_1, 'audit-heads')) return
    const before = lastTold.get(relay)
    let state = before?.state ?? (await relay.auditHeads())
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      await noteRestore(state, knownEnrolment)
      const statement = await audit.headStatement(state.witnessed?.entries ?? 0)
      const { entries, head } = statement
      if (before?.entries === entries && before.head === head) return
      const answer = await relay.witnessHead(statement)
      state = answer.state
      if (answer.outcome === 'outdated') continue
      lastTold.set(relay, { state, entries, head })
      await audit.keepWitness({
        ...state,
        workstationId: knownEnrolment.workstation.workstationId,
        askedAt: now().toISOString(),
      })
      if (answer.outcome === 'inconsistent') throw new OutpostError('audit-log-inconsistent')
      return
    }
    throw new OutpostError('relay-error')
  }
}
