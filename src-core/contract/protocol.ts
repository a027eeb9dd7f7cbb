/** The protocol version and the capabilities that each side states. docs/protocol.md has the table. */
import { z } from 'zod'
import { Code } from './bounded.ts'
import { TERM_CAPABILITIES } from './terms/share-terms.ts'

/** The schema is tolerant, because two sides of different versions use it to learn about each other. */
export const Protocol = z.object({ version: z.number().int().min(1).max(10_000), capabilities: z.array(Code).max(100) })
export type Protocol = z.infer<typeof Protocol>

/**
 * directory-contacts: the relay sends notices to the contacts of its own directory, and gives workstations masks of
 * contacts that are not public. audit-heads: the relay keeps the heads of the workstations' audit logs. upload-trees:
 * the relay compares the tree hash of a part while the part arrives. term-…: the relay knows the term.
 */
export type Capability = 'audit-heads' | 'directory-contacts' | 'upload-trees' | `term-${string}`

/** The protocol of this program, as a workstation and as a relay. */
export const PROTOCOL: Protocol = {
  version: 2,
  capabilities: ['audit-heads', 'directory-contacts', 'upload-trees', ...TERM_CAPABILITIES] satisfies Capability[],
}

/** The protocol of a side that states none, because it is older than this statement. */
export const PROTOCOL_1: Protocol = { version: 1, capabilities: [] }

export const canDo = (side: Protocol, capability: Capability): boolean => side.capabilities.includes(capability)
