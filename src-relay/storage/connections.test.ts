import { describe, expect, it } from 'vitest'
import { DEFAULT_CONNECTIONS, FEWEST_CONNECTIONS } from '../ports/relay-context.ts'
import { shareOfConnections } from './connections.ts'

const total = (connections: number): number =>
  Object.values(shareOfConnections(connections)).reduce((sum, part) => sum + part, 0)

describe('connections to the database', () => {
  it('X12: a process opens exactly as many connections as it is given, and each part has enough to work with', () => {
    for (let connections = FEWEST_CONNECTIONS; connections <= 200; connections += 1) {
      const { queries, locks, jobs } = shareOfConnections(connections)
      expect(total(connections)).toBe(connections)
      expect(Math.min(queries - 1, locks, jobs), `${connections}`).toBeGreaterThanOrEqual(2)
    }
    expect(total(DEFAULT_CONNECTIONS)).toBe(DEFAULT_CONNECTIONS)
  })

  it('X12: fewer connections than the parts need are refused', () => {
    for (const connections of [0, 1, FEWEST_CONNECTIONS - 1, 12.5, Number.NaN])
      expect(() => shareOfConnections(connections), `${connections}`).toThrow(RangeError)
  })
})
