/** How the connections to PostgreSQL that one process may open are divided. */
import { DEFAULT_CONNECTIONS, FEWEST_CONNECTIONS } from '../ports/relay-context.ts'

export interface ConnectionShare {
  /** Queries and transactions. One of them hears notifications. */
  readonly queries: number
  /** Advisory locks that are held while work goes on. */
  readonly locks: number
  readonly jobs: number
  /** The queue's own connection that hears notifications, outside of its pool. */
  readonly jobListener: 1
}

/** Half of the connections are for queries, a third for locks, the rest for jobs. */
export function shareOfConnections(total: number = DEFAULT_CONNECTIONS): ConnectionShare {
  if (!Number.isInteger(total) || total < FEWEST_CONNECTIONS)
    throw new RangeError(`a relay needs at least ${FEWEST_CONNECTIONS} connections to its database`)
  const divided = total - 1
  const queries = Math.floor(divided / 2)
  const locks = Math.floor(divided / 3)
  return { queries, locks, jobs: divided - queries - locks, jobListener: 1 }
}
