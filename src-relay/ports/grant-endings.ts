/** The interface by which parts of the relay learn that a share has ended. */

/** @param shareId null when any share may have ended, because notifications to this process may have been lost */
export type OnEnding = (shareId: string | null) => void

export interface GrantEndings {
  /** @returns a function that ends the subscription */
  subscribe(onEnding: OnEnding): () => void
}
