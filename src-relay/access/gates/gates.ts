/** Every gate there is. Which ones a grant has, this list decides; nothing else names one. */
import { OutpostError } from '../../../src-core/contract/errors.ts'
import type { RelayContext } from '../../ports/relay-context.ts'
import { blockedFor, type LiveGrant } from '../grants.ts'
import type { Gate, GateHint } from './gate.ts'
import { triesLeft } from './guard-counter.ts'
import { oneTimePasswordGate } from './one-time-password.ts'

const GATES: readonly Gate[] = [oneTimePasswordGate]

const gateOf = (grant: LiveGrant): Gate | undefined => GATES.find((gate) => gate.guards(grant))

/** @param passed whether this browser has passed the gate before; asked only where there is one */
export async function gateBefore(
  grant: LiveGrant,
  passed: () => Promise<boolean>,
): Promise<{ readonly gate: 'none' | 'blocked' | Gate['name'] } & GateHint> {
  const gate = gateOf(grant)
  const hint = gate?.hint(grant) ?? { maskedMobile: '', triesLeft: triesLeft(grant) }
  if (grant.blocked) return { gate: 'blocked', ...hint }
  return { gate: gate === undefined || (await passed()) ? 'none' : gate.name, ...hint }
}

/** @error blocked, bad-request the grant has no gate, and what the gate answers */
export function challenge(relay: RelayContext, grant: LiveGrant): ReturnType<Gate['challenge']> {
  if (grant.blocked) throw blockedFor(grant)
  const gate = gateOf(grant)
  if (gate === undefined) throw new OutpostError('bad-request')
  return gate.challenge(relay, grant)
}

/** @error blocked, and what the gate answers */
export async function passGate(
  relay: RelayContext,
  grant: LiveGrant,
  answer: string,
  passed: () => Promise<boolean>,
): Promise<void> {
  if (grant.blocked) throw blockedFor(grant)
  const gate = gateOf(grant)
  if (gate !== undefined && !(await passed())) await gate.check(relay, grant, answer)
}
