/** Listens to PostgreSQL's notifications on one connection, for all subscribers of this process. */
import type pg from 'pg'
import type { Notifications, OnNotification } from '../ports/notifications.ts'

const RECONNECT_MS = 1000

/**
 * Opens the connection, and opens it again whenever it breaks.
 * @param onFailure receives the error of each connection that breaks or cannot be made
 */
export async function openNotifications(
  pool: pg.Pool,
  onFailure: (error: Error) => void = () => {},
): Promise<Notifications> {
  const channels = new Map<string, { readonly subscribers: Set<OnNotification>; listening: Promise<unknown> }>()
  let closed = false
  let client: pg.PoolClient | null = null
  let timer: NodeJS.Timeout | undefined
  const notify = (channel: string, payload: string | null): void => {
    for (const onNotification of channels.get(channel)?.subscribers ?? []) onNotification(payload)
  }
  const connect = async (): Promise<void> => {
    if (closed) return
    const newClient = await pool.connect().catch((error: Error) => {
      onFailure(error)
      return null
    })
    if (newClient === null) {
      timer = setTimeout(connect, RECONNECT_MS)
      return
    }
    let isBroken = false
    const reconnectLater = (error: Error): void => {
      if (isBroken || closed) return
      isBroken = true
      onFailure(error)
      client = null
      newClient.release(true)
      timer = setTimeout(connect, RECONNECT_MS)
    }
    client = newClient
    newClient.on('error', reconnectLater)
    newClient.on('notification', ({ channel, payload }) => notify(channel, payload ?? ''))
    for (const channel of channels.keys())
      await newClient.query(`LISTEN ${channel}`).then(() => notify(channel, null), reconnectLater)
  }
  await connect()
  return {
    async subscribe(channel, onNotification) {
      const existing = channels.get(channel)
      const subscription = existing ?? { subscribers: new Set<OnNotification>(), listening: Promise.resolve() }
      subscription.subscribers.add(onNotification)
      channels.set(channel, subscription)
      // Without a connection nothing is sent here: the next connection listens to every channel.
      if (existing === undefined)
        subscription.listening = client?.query(`LISTEN ${channel}`).catch(onFailure) ?? Promise.resolve()
      await subscription.listening
      return () => void subscription.subscribers.delete(onNotification)
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
