/**
 * Runs tasks in a few decode processes. Hostile bytes can end one process and fail its one task, but not the program.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { ProcessMessage, Task, TaskResult } from './task.ts'

/** A process that runs process.ts: a fork of Node's, or Electron's utilityProcess, which has the same methods. */
export interface DecodeProcess {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number | null, signal?: string | null) => void): unknown
  kill(): unknown
  /** Whether the process keeps its parent alive, which it does only while it works. */
  ref?(): void
  unref?(): void
}

/** Milliseconds for any task, and more for each MiB to decode. */
export interface TimeLimit {
  readonly base: number
  readonly perMiB: number
}

export interface PoolOptions {
  readonly startProcess: () => DecodeProcess
  /** The maximum number of processes. */
  readonly concurrency: number
  readonly timeLimit: TimeLimit
  /** A process that has not ended itself is killed after this multiple of timeLimit on the clock. */
  readonly timeLimitFactor: number
  /** The number of the first job. */
  readonly firstJob: number
}

interface Job {
  readonly task: Task
  readonly resolve: (result: TaskResult) => void
  readonly reject: (error: OutpostError) => void
}

/** A process with the job that it executes. */
interface Slot {
  readonly process: DecodeProcess
  job: Job | null
  jobId: number
  ready: boolean
  dead: boolean
  timer: NodeJS.Timeout | null
  /** Milliseconds from startedAt in which the process must answer. */
  allowed: number
  startedAt: number
  /** The path of the last task, whose file is still open in the process. */
  lastPath: string | null
}

type EndReason = 'decode-out-of-memory' | 'decode-failed' | 'decode-timeout' | 'cancelled'

/** A process that has not started after this time, in milliseconds, is killed. */
const START_LIMIT = 60_000
export const MIB = 1024 * 1024

export class DecodePool {
  readonly #options: PoolOptions
  readonly #slots = new Set<Slot>()
  readonly #queue: Job[] = []
  #nextId: number
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#nextId = options.firstJob
  }

  /** Starts the first process in advance. */
  prepare(): void {
    if (!this.#closed && this.#slots.size === 0) this.#startSlot().process.unref?.()
  }

  /** @error cancelled, decode-out-of-memory, decode-timeout, decode-failed, and those of the task */
  run(task: Task, signal?: AbortSignal): Promise<TaskResult> {
    if (this.#closed || signal?.aborted) return Promise.reject(new OutpostError('cancelled'))
    return new Promise((resolve, reject) => {
      const settle =
        <T>(use: (value: T) => void) =>
        (value: T): void => {
          signal?.removeEventListener('abort', cancel)
          use(value)
        }
      const job: Job = { task, resolve: settle(resolve), reject: settle(reject) }
      // A job that a process already executes is not stopped; its result is ignored.
      const cancel = (): void => {
        const index = this.#queue.indexOf(job)
        if (index >= 0) this.#queue.splice(index, 1)
        job.reject(new OutpostError('cancelled'))
      }
      signal?.addEventListener('abort', cancel, { once: true })
      this.#queue.push(job)
      this.#dispatch()
    })
  }

  close(): void {
    this.#closed = true
    for (const job of this.#queue.splice(0)) job.reject(new OutpostError('cancelled'))
    for (const slot of this.#slots) this.#end(slot, 'cancelled')
  }

  #startSlot(): Slot {
    const slot: Slot = {
      process: this.#options.startProcess(),
      job: null,
      jobId: 0,
      ready: false,
      dead: false,
      timer: null,
      allowed: 0,
      startedAt: 0,
      lastPath: null,
    }
    this.#slots.add(slot)
    slot.process.on('message', (message) => this.#receive(slot, message as ProcessMessage))
    slot.process.on('exit', (code, signal) => this.#end(slot, reasonOfExit(code, signal)))
    return slot
  }

  /** Removes a slot whose process has ended or must end. Its job fails, the other jobs continue. */
  #end(slot: Slot, code: EndReason): void {
    if (slot.dead) return
    slot.dead = true
    this.#slots.delete(slot)
    if (slot.timer) clearTimeout(slot.timer)
    slot.process.kill()
    slot.job?.reject(new OutpostError(code, code === 'decode-failed' ? { reason: 'process ended' } : {}))
    slot.job = null
    if (!this.#closed) this.#dispatch()
  }

  #setTimer(slot: Slot, milliseconds: number): void {
    if (slot.timer) clearTimeout(slot.timer)
    // An answer may have arrived while this process was busy, so it is read before the slot is ended.
    slot.timer = setTimeout(
      () =>
        setImmediate(() => {
          if (slot.job && Date.now() - slot.startedAt >= slot.allowed) this.#end(slot, 'decode-timeout')
        }),
      Math.max(1, milliseconds),
    )
  }

  #receive(slot: Slot, message: ProcessMessage): void {
    if (slot.dead) return
    if (message.type === 'ready') {
      slot.ready = true
      if (slot.job) this.#begin(slot)
      return
    }
    if (!slot.job || message.id !== slot.jobId) return
    const { timeLimit, timeLimitFactor } = this.#options
    if (message.type === 'expect') {
      slot.allowed += (message.bytes / MIB) * timeLimit.perMiB * timeLimitFactor
      this.#setTimer(slot, slot.startedAt + slot.allowed - Date.now())
      return
    }
    const { job } = slot
    slot.job = null
    if (slot.timer) clearTimeout(slot.timer)
    slot.process.unref?.()
    if (message.type === 'done') job.resolve(message.result)
    else job.reject(new OutpostError(message.code, message.detail))
    this.#dispatch()
  }

  /** Sends the job of a slot to its process, which is ready. */
  #begin(slot: Slot): void {
    slot.startedAt = Date.now()
    slot.allowed = this.#options.timeLimit.base * this.#options.timeLimitFactor
    this.#setTimer(slot, slot.allowed)
    slot.process.postMessage({ id: slot.jobId, task: slot.job!.task })
  }

  #assign(slot: Slot, job: Job): void {
    slot.job = job
    slot.jobId = this.#nextId++
    slot.lastPath = pathOf(job.task)
    slot.process.ref?.()
    if (slot.ready) return this.#begin(slot)
    slot.startedAt = Date.now()
    slot.allowed = START_LIMIT
    this.#setTimer(slot, START_LIMIT)
  }

  /** Gives queued jobs to idle processes, and starts processes up to the maximum. */
  #dispatch(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const idle = [...this.#slots].filter((slot) => !slot.job)
      // Frames have priority, because a person waits for them; pictures and inspections are requested in hundreds.
      const next = Math.max(
        0,
        this.#queue.findIndex((job) => job.task.kind === 'decode'),
      )
      const nextPath = pathOf(this.#queue[next]!.task)
      const slot =
        idle.find(({ lastPath }) => lastPath !== null && lastPath === nextPath) ??
        idle[0] ??
        (this.#slots.size < this.#options.concurrency ? this.#startSlot() : null)
      if (!slot) return
      this.#assign(slot, this.#queue.splice(next, 1)[0]!)
    }
  }
}

function pathOf(task: Task): string | null {
  return 'path' in task.source ? task.source.path : null
}

/** The error code for the signal by which a process ended itself. Electron reports a code only. */
function reasonOfExit(code: number | null, signal?: string | null): EndReason {
  if (signal === 'SIGKILL' || code === 9 || code === 137) return 'decode-out-of-memory'
  return signal === 'SIGTERM' || code === 15 || code === 143 ? 'decode-timeout' : 'decode-failed'
}
