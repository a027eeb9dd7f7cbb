/** What it costs to try one password or passphrase: Argon2id (RFC 9106 4, second recommended option). */

/** The number that @node-rs/argon2 gives it; its enum exists for the compiler only. */
export const ARGON2ID = 2

/** memoryCost in KiB. */
export const PASSWORD_COST = { algorithm: ARGON2ID, memoryCost: 65_536, timeCost: 3, parallelism: 4 } as const
