import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../src-core/contract/protocol.ts'
import type { KnownEnrolment } from '../storage/ledger/staff-repository.ts'
import type { RelayClient } from '../sync/relay-client.ts'
import { headTeller, type HeadTellerOptions } from './tell-head.ts'

const STATE = { witnessed: null, alarm: null, restoredOver: null }

/** A relay that refuses the first statements as outdated, as if another statement had arrived in between. */
function seat(capabilities: string[], outdated = 0) {
  const calls: string[] = []
  let entries = 3
  const relay = {
    auditHeads: () => (calls.push('auditHeads'), Promise.resolve(STATE)),
    witnessHead: () => {
      calls.push('witnessHead')
      return Promise.resolve({ outcome: calls.length - 1 <= outdated ? 'outdated' : 'kept', state: STATE })
    },
  } as unknown as RelayClient
  const tell = headTeller({
    audit: {
      headStatement: (from: number) => Promise.resolve({ entries, head: 'f'.repeat(64), from, proof: [] }),
      keepWitness: () => Promise.resolve(),
    } as unknown as HeadTellerOptions['audit'],
    enrolment: () =>
      Promise.resolve({
        protocol: { ...PROTOCOL, capabilities },
        workstation: { workstationId: 'w', name: 'w' },
      } as unknown as KnownEnrolment),
    now: () => new Date(0),
  })
  return { calls, tell: () => tell(relay), grow: () => (entries += 1) }
}

describe('W7: telling the head', () => {
  it('W7: a relay that does not state audit-heads is told nothing', async () => {
    const { calls, tell } = seat(['directory-contacts'])
    await tell()
    expect(calls).toEqual([])
  })

  it('W7: a head is told once in a contact, and again when the log has grown', async () => {
    const { calls, tell, grow } = seat(['audit-heads'])
    await tell()
    await tell()
    expect(calls).toEqual(['auditHeads', 'witnessHead'])
    grow()
    await tell()
    expect(calls).toEqual(['auditHeads', 'witnessHead', 'witnessHead'])
  })

  it('W7: an outdated statement is proven again, and not for ever', async () => {
    const once = seat(['audit-heads'], 1)
    await once.tell()
    expect(once.calls).toEqual(['auditHeads', 'witnessHead', 'witnessHead'])
    await expect(seat(['audit-heads'], 9).tell()).rejects.toMatchObject({ code: 'relay-error' })
  })
})
