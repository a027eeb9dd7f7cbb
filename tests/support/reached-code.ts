/** Records which code was reached and how often, block by block, as V8 counts it. */
import { Session, type Profiler } from 'node:inspector'

/** Returns a mark for a block's count: once, a few times, many times, very many times. Each counts as a new way. */
function markOf(count: number): number {
  if (count < 2) return 1
  return count < 16 ? 2 : count < 1024 ? 4 : 8
}

export interface ReachedCode {
  /** @returns how many blocks got a new mark since the previous call */
  takeNew(): number
  /** The characters of source text that were reached so far. */
  reached(): number
}

/** Starts counting in this process. @param counts whether to count the script with this URL */
export function countReachedCode(counts: (url: string) => boolean): ReachedCode {
  const session = new Session()
  session.connect()
  const callProfiler = <T>(send: (done: (error: Error | null, value: T) => void) => void): T => {
    let answer: T | undefined
    // A session in the same process calls back before post returns.
    send((error, value) => {
      if (error) throw error
      answer = value
    })
    return answer!
  }
  callProfiler<object>((done) => session.post('Profiler.enable', (error) => done(error, {})))
  callProfiler<object>((done) =>
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true }, (error) => done(error, {})),
  )
  /** For each function, a mark for every character of its text. */
  const marksByFunction = new Map<string, Uint8Array>()
  return {
    takeNew: () => {
      const { result } = callProfiler<Profiler.TakePreciseCoverageReturnType>((done) =>
        session.post('Profiler.takePreciseCoverage', done),
      )
      let fresh = 0
      for (const { url, functions } of result) {
        if (!counts(url)) continue
        for (const { ranges } of functions) {
          const [outermost] = ranges
          if (!outermost || outermost.count === 0) continue
          const key = `${url}:${outermost.startOffset}:${outermost.endOffset}`
          let marks = marksByFunction.get(key)
          if (!marks) marksByFunction.set(key, (marks = new Uint8Array(outermost.endOffset - outermost.startOffset)))
          fresh += paint(marks, ranges, outermost.startOffset)
        }
      }
      return fresh
    },
    reached: () => {
      let total = 0
      for (const marks of marksByFunction.values()) for (const mark of marks) if (mark) total++
      return total
    },
  }
}

/**
 * Marks the parts of a function that ran. Ranges are nested, outer ones first; a character has the count of its
 * innermost range.
 * @returns parts that got a mark for the first time
 */
function paint(marks: Uint8Array, ranges: readonly Profiler.CoverageRange[], offset: number): number {
  let fresh = 0
  const part = (start: number, end: number, count: number): void => {
    if (count === 0 || start >= end) return
    const mark = markOf(count)
    let isNew = false
    for (let at = start - offset; at < end - offset; at++) {
      if ((marks[at]! & mark) !== 0) continue
      marks[at]! |= mark
      isNew = true
    }
    if (isNew) fresh++
  }
  const open: Profiler.CoverageRange[] = []
  let at = ranges[0]!.startOffset
  const closeBefore = (place: number): void => {
    while (open.length > 0 && open.at(-1)!.endOffset <= place) {
      const { endOffset, count } = open.pop()!
      part(at, endOffset, count)
      at = Math.max(at, endOffset)
    }
  }
  for (const range of ranges) {
    closeBefore(range.startOffset)
    const outer = open.at(-1)
    if (outer) part(at, range.startOffset, outer.count)
    at = range.startOffset
    open.push(range)
  }
  closeBefore(Infinity)
  return fresh
}
