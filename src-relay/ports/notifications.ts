/** The interface of PostgreSQL's notifications, which come from this process or from another one. */

/** @param payload null after a reconnection, because any notification may have been lost before */
export type OnNotification = (payload: string | null) => void

export interface Notifications {
  /** Resolves once this process listens to the channel. @returns a function that ends the subscription */
  subscribe(channel: string, onNotification: OnNotification): Promise<() => void>
  close(): Promise<void>
}
