/** The cost of checking one password or passphrase: Argon2id (RFC 9106 4, second recommended option). */

/** The number of Argon2id in @node-rs/argon2. Its enum is const and is not available at run time. */
export const ARGON2ID = 2

/** memoryCost in KiB. */
export const PASSWORD_COST = { algorithm: ARGON2ID, memoryCost: 65_536, timeCost: 3, parallelism: 4 } as const
