import { describe, expect, it } from 'vitest'
import { OutboxState } from '../../src-core/contract/shares.ts'
import { shareProgress } from './share-progress.ts'

describe('what the confirmation claims of a share', () => {
  it.each(OutboxState.options)('S1: without a connection a share that is %s is not said to be on its way', (state) => {
    const told = shareProgress(state, false)
    expect(['sending', 'next']).not.toContain(told)
    expect(told === 'delivered').toBe(state === 'delivered')
  })

  it('S1: with a connection it says what happens', () =>
    expect(
      [undefined, ...OutboxState.options].map((state) => [state ?? 'unknown', shareProgress(state, true)]),
    ).toEqual([
      ['unknown', 'next'],
      ['held', 'next'],
      ['queued', 'next'],
      ['preparing', 'next'],
      ['prepared', 'next'],
      ['uploading', 'sending'],
      ['confirming', 'sending'],
      ['delivered', 'delivered'],
      ['waiting', 'offline'],
      ['paused', 'paused'],
      ['failed', 'failed'],
      ['cancelled', 'cancelled'],
    ]))
})
