/** Progress of each share's package, for the outbox page. It is kept in memory only. */

export interface Progress {
  readonly instancesPrepared: number
  readonly bytesSent: number
  readonly bytesTotal: number
  /** null until enough was sent to compute it, and while nothing is being sent. */
  readonly bytesPerSecond: number | null
}

export interface ProgressTracker {
  get(shareId: string): Progress | null
  prepared(shareId: string, instances: number): void
  /** Sets the state of the upload before anything is sent in this run. */
  beginUpload(shareId: string, bytesTotal: number): void
  sent(shareId: string, bytesSent: number): void
  /** The share is no longer being sent: the numbers are kept, the speed is not. */
  rest(shareId: string): void
  forget(shareId: string): void
}

const EMPTY: Progress = { instancesPrepared: 0, bytesSent: 0, bytesTotal: 0, bytesPerSecond: null }
/** Weight of the newest measurement in the average. */
const NEWEST = 0.3

/** @param clock milliseconds @param onChange is called at most twice a second */
export function createProgressTracker(clock: () => number, onChange: () => void): ProgressTracker {
  const progressByShare = new Map<string, Progress>()
  let last: { at: number; bytes: number } | null = null
  let lastReported = Number.NEGATIVE_INFINITY

  function put(shareId: string, change: Partial<Progress>): void {
    progressByShare.set(shareId, { ...(progressByShare.get(shareId) ?? EMPTY), ...change })
    if (clock() - lastReported < 500) return
    lastReported = clock()
    onChange()
  }

  return {
    get: (shareId) => progressByShare.get(shareId) ?? null,
    prepared: (shareId, instancesPrepared) => put(shareId, { instancesPrepared }),
    beginUpload(shareId, bytesTotal) {
      last = null
      put(shareId, { bytesTotal, bytesPerSecond: null })
    },
    sent(shareId, bytesSent) {
      const at = clock()
      const before = progressByShare.get(shareId)?.bytesPerSecond ?? null
      let bytesPerSecond = before
      // Bytes that the relay had before this run were not sent now, so they do not count for the speed.
      if (last && at > last.at && bytesSent > last.bytes) {
        const speed = ((bytesSent - last.bytes) / (at - last.at)) * 1000
        bytesPerSecond = before === null ? speed : before + (speed - before) * NEWEST
      }
      last = { at, bytes: bytesSent }
      put(shareId, { bytesSent, bytesPerSecond })
    },
    rest(shareId) {
      const progress = progressByShare.get(shareId)
      if (progress) progressByShare.set(shareId, { ...progress, bytesPerSecond: null })
    },
    forget: (shareId) => {
      progressByShare.delete(shareId)
    },
  }
}
