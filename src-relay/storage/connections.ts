/** Divides the PostgreSQL connections of one process among their uses. */
import { DEFAULT_CONNECTIONS, FEWEST_CONNECTIONS } from '../ports/relay-context.ts'

export interface ConnectionShare {
  /** Connections for queries and transactions. One of them listens to notifications. */
  readonly queries: number
  /** Connections that hold an advisory lock while work goes on. */
  readonly locks: number
  readonly jobs: number
  /** The connection by which the job queue listens to notifications, outside of its pool. */
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
