/** How long and how often a one-time password may be tried (U7, U8). The relay enforces this; its pages show it. */

/** A code works for so long. */
export const VALID_MINUTES = 10
/** After so many wrong codes in a row the recipient is blocked. */
export const TRIES = 5
/** The relay sends no second code sooner: a text message takes a while to arrive. */
export const PAUSE_SECONDS = 20
/** A page offers a second code after this: sooner it would only void the code that is on its way. */
export const OFFERED_AGAIN_SECONDS = 30
