/** A connection that hears PostgreSQL's notifications of one channel, from this process or another. */
import type pg from 'pg'

const RECONNECT_MS = 1000

export interface Listener {
  close(): Promise<void>
}

/**
 * Connects again when the connection breaks.
 * @param heard is given the payload; null: the connection was made anew, and anything may have been missed before
 */
export async function listenTo(
  pool: pg.Pool,
  channel: string,
  heard: (payload: string | null) => void,
): Promise<Listener> {
  let closed = false
  let client: pg.PoolClient | null = null
  let timer: NodeJS.Timeout | undefined
  const connect = async (): Promise<void> => {
    if (closed) return
    const fresh = await pool.connect().catch(() => null)
    if (fresh === null) {
      timer = setTimeout(connect, RECONNECT_MS)
      return
    }
    let lost = false
    const lose = (): void => {
      if (lost || closed) return
      lost = true
      client = null
      fresh.release(true)
      timer = setTimeout(connect, RECONNECT_MS)
    }
    client = fresh
    fresh.on('error', lose)
    fresh.on('notification', ({ payload }) => heard(payload ?? ''))
    await fresh.query(`LISTEN ${channel}`).then(() => heard(null), lose)
  }
  await connect()
  return {
    close() {
      closed = true
      clearTimeout(timer)
      client?.release(true)
      client = null
      return Promise.resolve()
    },
  }
}
