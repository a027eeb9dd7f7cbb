/** What stands between a link and the exam behind it. */
import type { RelayContext } from '../../ports/relay-context.ts'
import type { LiveGrant } from '../grants.ts'

/** What the page at the link is told, so that it can ask for the answer. */
export interface GateHint {
  readonly maskedMobile: string
  readonly triesLeft: number
}

export interface Gate {
  readonly name: 'otp'
  /** Whether the terms of the grant put this gate before it. */
  guards(grant: LiveGrant): boolean
  hint(grant: LiveGrant): GateHint
  /** Brings the recipient what they answer with. @error too-many-requests, otp-not-sent */
  challenge(relay: RelayContext, grant: LiveGrant): Promise<{ maskedMobile: string; validMinutes: number }>
  /** @error otp-wrong with triesLeft, otp-expired, blocked */
  check(relay: RelayContext, grant: LiveGrant, answer: string): Promise<void>
}
