/** Tells whether a moment has passed on a clock that may be set back. */

/**
 * Whether the moment has passed. A moment that is further away than it was when it was set shows that the clock was set
 * back. The elapsed time is then unknown, and the wait ends.
 * @param until ISO 8601 in UTC
 * @param now ISO 8601 in UTC
 * @param longestMs the maximum distance of the moment when it was set, in milliseconds
 */
export function timeHasCome(until: string, now: string, longestMs: number): boolean {
  const remainingMs = Date.parse(until) - Date.parse(now)
  return remainingMs < 0 || remainingMs > longestMs
}
