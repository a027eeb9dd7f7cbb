/**
 * Puts one input of the search through reader, index, listing, de-identifier, renderer and decoder, in this process.
 */
import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { runTask, type Task } from '../../src-engine/decode-process/task.ts'
import { forgetPeak, isRefusal, memoryLimit, memoryOf, MIB, readAll, REGIONS } from './trial.ts'

export interface SearchFinding {
  readonly kind: 'crash' | 'hang' | 'memory'
  /** Equal for two findings of the same fault: the work and the place of the error. */
  readonly signature: string
  readonly what: string
}

export interface Watch {
  /** Announces that another input of this many bytes begins. */
  begin(bytes: number): void
  /** Announces that a frame of this many bytes will be decoded. */
  expect(bytes: number): void
}

/**
 * Returns file and function of the first line of Outpost's code in a stack, without the line number, which changes with
 * every edit.
 */
function placeOf(error: unknown): string {
  const line =
    error instanceof Error ? /at (?:async )?(\S+) \(?.*\/(src-[a-z]+\/\S+?):\d+/.exec(error.stack ?? '') : null
  return line ? `${line[2]} ${line[1]}` : 'elsewhere'
}

/** @returns the faults; empty when everything succeeded or was refused with a code */
export async function tryInput(bytes: Uint8Array, watch: Watch): Promise<SearchFinding[]> {
  const findings: SearchFinding[] = []
  // The bytes decide which work is done, so that a replay does the same.
  const number = createHash('sha1').update(bytes).digest().readUInt32LE(0)
  const judge = (work: string, error: unknown): void => {
    if (isRefusal(error)) return
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    findings.push({
      kind: 'crash',
      signature: `${work} ${error instanceof Error ? error.name : typeof error} ${placeOf(error)}`,
      what: `${work}: ${text}`,
    })
  }
  forgetPeak(process.pid)
  const before = memoryOf(process.pid).now
  let permitted = readAll(
    bytes,
    number,
    judge,
    () => {},
    (what) => findings.push({ kind: 'hang', signature: what.replace(/:.*/, ''), what }),
  )
  const frame = number % 5 === 0 ? 2 : 1
  const source = { bytes }
  const tasks: Task[] = [
    {
      kind: 'render',
      source,
      request: number % 2 === 0 ? { frame, format: 'jpeg', size: 256 } : { frame, format: 'png' },
    },
  ]
  if (number % 3 === 0) tasks.push({ kind: 'decode', source, frame })
  if (number % 4 === 0)
    tasks.push({ kind: 'paint', source, request: { frame, regions: REGIONS, compress: number % 8 === 0 } })
  if (number % 7 === 0) tasks.push({ kind: 'inspect', source, pixels: true })
  for (const task of tasks) {
    let allowed = 2000
    const start = process.cpuUsage()
    try {
      await runTask(task, (expected) => {
        allowed += (expected / MIB) * 1000
        if (task.kind !== 'paint') permitted = Math.max(permitted, expected)
        watch.expect(expected)
      })
    } catch (error) {
      // The decode process answers with a code when the machine gives it no memory.
      const refusedMemory = error instanceof RangeError && /alloc|length/i.test(error.message) && permitted >= 256 * MIB
      if (!refusedMemory) judge(task.kind, error)
    }
    const { user, system } = process.cpuUsage(start)
    const spent = Math.round((user + system) / 1000)
    if (spent > allowed)
      findings.push({
        kind: 'hang',
        signature: task.kind,
        what: `${task.kind}: ${spent} ms of ${Math.round(allowed)} ms`,
      })
  }
  const grown = memoryOf(process.pid).peak - before
  const limit = memoryLimit(bytes, permitted)
  if (grown > limit)
    findings.push({
      kind: 'memory',
      signature: 'grown',
      what: `${Math.round(grown / MIB)} MiB of ${Math.round(limit / MIB)} MiB`,
    })
  return findings
}

/**
 * Ends this process when one input takes many times its allowed time (SIGTERM), when nothing happens for two minutes
 * (SIGTERM) or when the process uses 3 GiB (SIGKILL).
 * A separate thread does this, because code that never returns blocks everything else in its thread.
 */
export function watchInputs(): Watch {
  const shared = new Float64Array(new SharedArrayBuffer(16))
  const source = `const { workerData } = require("node:worker_threads")
    let input = 0
    let since = 0
    let ticks = 0
    setInterval(() => {
      if (process.memoryUsage.rss() > 3 * 2 ** 30) process.kill(process.pid, "SIGKILL")
      const { user, system } = process.cpuUsage()
      const spent = (user + system) / 1000
      if (workerData[0] !== input) { input = workerData[0]; since = spent; ticks = 0 }
      ticks++
      if (input > 0 && (spent - since > workerData[1] || ticks > 1200)) process.kill(process.pid, "SIGTERM")
    }, 100)`
  new Worker(source, { eval: true, workerData: shared }).unref()
  return {
    begin: (bytes) => {
      shared[1] = 10 * (2000 + (1000 * bytes) / MIB)
      shared[0] = shared[0]! + 1
    },
    expect: (bytes) => {
      shared[1] = shared[1]! + (3 * 1000 * bytes) / MIB
    },
  }
}
