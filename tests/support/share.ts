/** Says how much of a generated suite runs: 2 % in npm test, by a fixed seed, and all of it under npm run faults. */

/** Whether generated suites run whole. */
export const WHOLE = process.env['OUTPOST_FAULTS'] === 'whole'
const SHARE = 0.02

/**
 * @param whole number of cases of the whole suite
 * @param least how many cases a share must have, so that it contains one of every kind
 */
export function shareOf(whole: number, least = 1): number {
  return WHOLE ? whole : Math.max(least, Math.ceil(whole * SHARE))
}
