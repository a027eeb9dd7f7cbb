/** The interface of gates: what a recipient must pass before a grant opens. */
import type { RelayContext } from '../../ports/relay-context.ts'
import type { LiveGrant } from '../grants.ts'

/** What the page of the link shows when it asks for the answer. */
export interface GateHint {
  readonly maskedMobile: string
  readonly triesLeft: number
}

export interface Gate {
  readonly name: 'otp'
  /** Whether the recipient of this grant has to pass the gate. */
  guards(grant: LiveGrant): boolean
  hint(grant: LiveGrant): GateHint
  /** Sends the recipient what the answer has to contain. @error too-many-requests, otp-not-sent */
  challenge(relay: RelayContext, grant: LiveGrant): Promise<{ maskedMobile: string; validMinutes: number }>
  /** @error otp-wrong with triesLeft, otp-expired, blocked */
  check(relay: RelayContext, grant: LiveGrant, answer: string): Promise<void>
}
