/** One connection that hears PostgreSQL's notifications, for every part of the process that listens. */
import type pg from 'pg'
import type { Notifications, OnNotification } from '../ports/notifications.ts'

const RECONNECT_MS = 1000

/** Connects again when the connection breaks. @param failed is told of each connection that breaks or cannot be made */
export async function openNotifications(
  pool: pg.Pool,
  failed: (error: Error) => void = () => {},
): Promise<Notifications> {
  const channels = new Map<string, { readonly subscribers: Set<OnNotification>; listening: Promise<unknown> }>()
  let closed = false
  let client: pg.PoolClient | null = null
  let timer: NodeJS.Timeout | undefined
  const tell = (channel: string, payload: string | null): void => {
    for (const onNotification of channels.get(channel)?.subscribers ?? []) onNotification(payload)
  }
  const connect = async (): Promise<void> => {
    if (closed) return
    const fresh = await pool.connect().catch((error: Error) => {
      failed(error)
      return null
    })
    if (fresh === null) {
      timer = setTimeout(connect, RECONNECT_MS)
      return
    }
    let lost = false
    const lose = (error: Error): void => {
      if (lost || closed) return
      lost = true
      failed(error)
      client = null
      fresh.release(true)
      timer = setTimeout(connect, RECONNECT_MS)
    }
    client = fresh
    fresh.on('error', lose)
    fresh.on('notification', ({ channel, payload }) => tell(channel, payload ?? ''))
    for (const channel of channels.keys()) await fresh.query(`LISTEN ${channel}`).then(() => tell(channel, null), lose)
  }
  await connect()
  return {
    async subscribe(channel, onNotification) {
      const known = channels.get(channel)
      const heard = known ?? { subscribers: new Set<OnNotification>(), listening: Promise.resolve() }
      heard.subscribers.add(onNotification)
      channels.set(channel, heard)
      // Without a connection, or when it breaks now, the next connection listens to every channel.
      if (known === undefined) heard.listening = client?.query(`LISTEN ${channel}`).catch(failed) ?? Promise.resolve()
      await heard.listening
      return () => void heard.subscribers.delete(onNotification)
    },
    close() {
      closed = true
      clearTimeout(timer)
      client?.release(true)
      client = null
      return Promise.resolve()
    },
  }
}
