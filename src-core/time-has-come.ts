/** Waiting until a moment by a clock that somebody may set back. */

/**
 * Whether the moment has passed. A moment that lies further away than it can ever have been set shows that the clock
 * was set back since: then nobody knows how long it has been, and the wait is over.
 * @param until ISO 8601 in UTC
 * @param now ISO 8601 in UTC
 * @param longestMs how far away the moment was at most when it was set
 */
export function timeHasCome(until: string, now: string, longestMs: number): boolean {
  const left = Date.parse(until) - Date.parse(now)
  return left < 0 || left > longestMs
}
