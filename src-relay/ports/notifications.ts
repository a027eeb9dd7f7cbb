/** Notifications of PostgreSQL, as the parts of the relay hear them: from this process or from another one. */

/** @param payload null: the connection was made anew, so any notification may have been missed */
export type OnNotification = (payload: string | null) => void

export interface Notifications {
  /** Resolves once the channel is listened to. @returns what ends the subscription */
  subscribe(channel: string, onNotification: OnNotification): Promise<() => void>
  close(): Promise<void>
}
