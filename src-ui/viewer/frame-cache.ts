/** Keeps the frames around the shown one: fetches them in reading order, within a memory limit. */
import { codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { LoadedFrame } from './dicomweb-frames.ts'

export interface FrameCacheOptions {
  readonly count: number
  /** The bytes that one frame takes in memory. */
  bytesOf(index: number): number
  /** Fetches stored values, or a rendered picture where only that is available. */
  load(index: number, signal: AbortSignal): Promise<LoadedFrame>
  /** Fetches a small picture of the first frame before its stored values; null when that would not be faster. */
  preview: ((index: number, signal: AbortSignal) => Promise<LoadedFrame>) | null
  /** Is called when a frame has arrived or failed. */
  arrived(index: number): void
  readonly limitBytes: number
  readonly parallel: number
}

export class FrameCache {
  readonly #options: FrameCacheOptions
  readonly #loaded = new Map<number, LoadedFrame>()
  readonly #failed = new Map<number, ErrorCode>()
  readonly #underWay = new Map<number, AbortController>()
  #wanted: number[] = []
  #previewing: AbortController | null = null
  #first = true
  #closed = false

  constructor(options: FrameCacheOptions) {
    this.#options = options
  }

  get(index: number): LoadedFrame | undefined {
    return this.#loaded.get(index)
  }

  /** Returns why a frame could not be loaded. */
  failure(index: number): ErrorCode | undefined {
    return this.#failed.get(index)
  }

  /** Whether a frame is loaded or has failed, so that no fetch is needed. */
  has(index: number): boolean {
    const loaded = this.#loaded.get(index)
    return this.#failed.has(index) || (loaded !== undefined && !(loaded.kind === 'picture' && loaded.preview))
  }

  /** Says which frame is shown now. @param direction in which the reader scrolls */
  want(index: number, direction: 1 | -1 = 1): void {
    if (this.#closed) return
    this.#wanted = readingOrder(index, direction, this.#options)
    const wanted = new Set(this.#wanted)
    for (const at of this.#loaded.keys()) if (!wanted.has(at)) this.#drop(at)
    for (const [at, controller] of this.#underWay) if (!wanted.has(at)) this.#stop(at, controller)
    // A frame that failed for lack of a connection is fetched again when the reader returns to it.
    if (this.#failed.get(index) === 'offline') this.#failed.delete(index)
    if (this.#first && this.#options.preview) void this.#loadPreview(index)
    else this.#fill()
    this.#first = false
  }

  /** Removes all failures and fetches again. */
  retry(index: number): void {
    this.#failed.clear()
    this.want(index)
  }

  close(): void {
    this.#closed = true
    this.#previewing?.abort()
    for (const controller of this.#underWay.values()) controller.abort()
    this.#underWay.clear()
    for (const index of this.#loaded.keys()) this.#drop(index)
  }

  async #loadPreview(index: number): Promise<void> {
    this.#previewing = new AbortController()
    try {
      const picture = await this.#options.preview!(index, this.#previewing.signal)
      if (this.#closed || this.has(index)) closeBitmap(picture)
      else {
        this.#loaded.set(index, picture)
        this.#options.arrived(index)
      }
    } catch {
      // A missing preview is not a failure: the stored values, fetched next, show what is wrong.
    }
    this.#previewing = null
    this.#fill()
  }

  #fill(): void {
    if (this.#closed || this.#previewing) return
    const current = this.#wanted[0]
    if (current === undefined) return
    if (!this.has(current) && !this.#underWay.has(current) && this.#underWay.size >= this.#options.parallel) {
      // The shown frame goes before frames that may be shown later.
      const [furthest, controller] = [...this.#underWay].sort(
        (a, b) => this.#wanted.indexOf(b[0]) - this.#wanted.indexOf(a[0]),
      )[0]!
      this.#stop(furthest, controller)
    }
    for (const index of this.#wanted) {
      if (this.#underWay.size >= this.#options.parallel) return
      if (!this.has(index) && !this.#underWay.has(index)) void this.#load(index)
    }
  }

  async #load(index: number): Promise<void> {
    const controller = new AbortController()
    this.#underWay.set(index, controller)
    try {
      const loaded = await this.#options.load(index, controller.signal)
      if (controller.signal.aborted) return closeBitmap(loaded)
      this.#drop(index)
      this.#loaded.set(index, loaded)
    } catch (error) {
      if (controller.signal.aborted) return
      this.#failed.set(index, codeOf(error) === 'internal' ? 'decode-failed' : codeOf(error))
    }
    this.#underWay.delete(index)
    this.#options.arrived(index)
    this.#fill()
  }

  #stop(index: number, controller: AbortController): void {
    controller.abort()
    this.#underWay.delete(index)
  }

  #drop(index: number): void {
    const loaded = this.#loaded.get(index)
    if (loaded) closeBitmap(loaded)
    this.#loaded.delete(index)
  }
}

function closeBitmap(loaded: LoadedFrame): void {
  if (loaded.kind === 'picture') loaded.bitmap.close()
}

/** Returns the frame itself, then two frames ahead for each one behind, as many as fit (the frame itself always). */
export function readingOrder(
  index: number,
  direction: 1 | -1,
  limits: Pick<FrameCacheOptions, 'count' | 'bytesOf' | 'limitBytes'>,
): number[] {
  const order: number[] = []
  let bytes = 0
  let ahead = index + direction
  let behind = index - direction
  const inside = (at: number) => at >= 0 && at < limits.count
  const take = (at: number): boolean => {
    bytes += limits.bytesOf(at)
    if (order.length && bytes > limits.limitBytes) return false
    order.push(at)
    return true
  }
  if (!inside(index)) return order
  take(index)
  while (inside(ahead) || inside(behind)) {
    for (let step = 0; step < 2 && inside(ahead); step += 1, ahead += direction) if (!take(ahead)) return order
    if (inside(behind)) {
      if (!take(behind)) return order
      behind -= direction
    }
  }
  return order
}
