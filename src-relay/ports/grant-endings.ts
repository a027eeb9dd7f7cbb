/** Endings of shares, as the parts of the relay hear of them. */

/** @param shareId null: any share may have ended, since this process was not reached for a while */
export type OnEnding = (shareId: string | null) => void

export interface GrantEndings {
  /** @returns what ends the subscription */
  subscribe(onEnding: OnEnding): () => void
}
