/**
 * All gates. Other parts of the relay use them through these functions only, so that a new gate is added here alone.
 */
import { OutpostError } from '../../../src-core/contract/errors.ts'
import type { RelayContext } from '../../ports/relay-context.ts'
import { blockedError, type LiveGrant } from '../grants.ts'
import type { Gate, GateHint } from './gate.ts'
import { triesLeft } from './guard-counter.ts'
import { oneTimePasswordGate } from './one-time-password.ts'

const GATES: readonly Gate[] = [oneTimePasswordGate]

const gateOf = (grant: LiveGrant): Gate | undefined => GATES.find((gate) => gate.guards(grant))

/** @param hasPassed whether this browser has passed the gate of the grant before; called only when there is a gate */
export async function gateBefore(
  grant: LiveGrant,
  hasPassed: () => Promise<boolean>,
): Promise<{ readonly gate: 'none' | 'blocked' | Gate['name'] } & GateHint> {
  const gate = gateOf(grant)
  const hint = gate?.hint(grant) ?? { maskedMobile: '', triesLeft: triesLeft(grant) }
  if (grant.blocked) return { gate: 'blocked', ...hint }
  return { gate: gate === undefined || (await hasPassed()) ? 'none' : gate.name, ...hint }
}

/** @error blocked, bad-request when the grant has no gate, and the errors of Gate.challenge */
export function challenge(relay: RelayContext, grant: LiveGrant): ReturnType<Gate['challenge']> {
  if (grant.blocked) throw blockedError(grant)
  const gate = gateOf(grant)
  if (gate === undefined) throw new OutpostError('bad-request')
  return gate.challenge(relay, grant)
}

/** @error blocked, and the errors of Gate.check */
export async function passGate(
  relay: RelayContext,
  grant: LiveGrant,
  answer: string,
  hasPassed: () => Promise<boolean>,
): Promise<void> {
  if (grant.blocked) throw blockedError(grant)
  const gate = gateOf(grant)
  if (gate !== undefined && !(await hasPassed())) await gate.check(relay, grant, answer)
}
