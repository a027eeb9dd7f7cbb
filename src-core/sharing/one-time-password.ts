/** How long and how often a one-time password may be tried (U7, U8). The relay enforces this; its pages show it. */

/** How long a code is valid, in minutes. */
export const VALID_MINUTES = 10
/** After this many wrong codes in a row the recipient is blocked. */
export const TRIES = 5
/** The minimum time between two codes that the relay sends, because a text message takes a while to arrive. */
export const PAUSE_SECONDS = 20
/**
 * The time after which a page offers a second code. An earlier one would only invalidate the code that is on its way.
 */
export const OFFERED_AGAIN_SECONDS = 30
