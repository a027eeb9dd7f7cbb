/**
 * Reads the headers of the next files of a slow disk in parallel, while the previous files are indexed. Files in the
 * cache of the system are read faster one after the other.
 */
import { closeSync, fstatSync, openSync, read, type Stats } from 'node:fs'
import path from 'node:path'

/** Files per group: more than the system reads in parallel, few enough that a pause takes effect at once. */
export const GROUP = 64
/** One slow read may be caused by another program. A quarter of slow reads, of enough reads, means a slow disk. */
const SLOW_PART = 4
const MIN_SAMPLES = 32
/** Number of groups after which the disk is measured again; it doubles each time the disk is still slow. */
const ASK_AGAIN = 16
const LONGEST = 1024
const HEAD_BYTES = 8192

/** An open file, its state before its first bytes were read, and these bytes. */
export interface Fetched {
  readonly descriptor: number
  readonly stat: Stats
  readonly bytes: Buffer
  readonly length: number
}

/** Files of one directory that are visited together. */
export interface FileGroup {
  readonly directory: string
  readonly names: readonly string[]
  /** Whether a file will be read. */
  readonly wanted: (name: string) => boolean
}

const NOTHING: Promise<ReadonlyMap<string, Fetched>> = Promise.resolve(new Map())

export class ReadAhead {
  private slowGroups = 0
  private reads = 0
  private slowReads = 0
  private askAgain = ASK_AGAIN
  private readonly buffers: Buffer[] = []

  /** Reports how many files were read one after the other, and how many of these reads waited for the disk. */
  measured(reads: number, slow: number): void {
    this.reads += reads
    this.slowReads += slow
    if (this.reads < MIN_SAMPLES) return
    const waited = this.slowReads * SLOW_PART > this.reads
    this.reads = this.slowReads = 0
    if (waited) this.slowGroups = this.askAgain
    this.askAgain = waited ? Math.min(LONGEST, this.askAgain * 2) : ASK_AGAIN
  }

  /**
   * Yields the groups with their fetched files. These are closed, and their buffers used again, when the next group is
   * requested.
   */
  async *alongside<Group extends FileGroup>(
    groups: Iterable<Group>,
  ): AsyncGenerator<[Group, ReadonlyMap<string, Fetched>]> {
    let before: { group: Group; fetching: Promise<ReadonlyMap<string, Fetched>> } | null = null
    try {
      for (const group of groups) {
        const ready = before
        before = { group, fetching: this.start(group) }
        if (ready) yield* this.handOut(ready.group, ready.fetching)
      }
      const last = before
      before = null
      if (last) yield* this.handOut(last.group, last.fetching)
    } finally {
      if (before) this.release(await before.fetching)
    }
  }

  private async *handOut<Group>(
    group: Group,
    fetching: Promise<ReadonlyMap<string, Fetched>>,
  ): AsyncGenerator<[Group, ReadonlyMap<string, Fetched>]> {
    const fetched = await fetching
    try {
      yield [group, fetched]
    } finally {
      this.release(fetched)
    }
  }

  private start({ directory, names, wanted }: FileGroup): Promise<ReadonlyMap<string, Fetched>> {
    if (this.slowGroups === 0) return NOTHING
    this.slowGroups--
    return Promise.all(names.filter(wanted).map((name) => this.fetch(path.join(directory, name)))).then(
      (files) => new Map(files.filter((file) => file !== null)),
    )
  }

  /**
   * Opens a file and reads its first bytes; null when that fails. The later read of the file then reports the reason.
   */
  private fetch(file: string): Promise<[string, Fetched] | null> {
    return new Promise((done) => {
      let descriptor: number
      try {
        descriptor = openSync(file, 'r')
      } catch {
        return done(null)
      }
      const stat = fstatSync(descriptor)
      const bytes = this.buffers.pop() ?? Buffer.allocUnsafeSlow(HEAD_BYTES)
      read(descriptor, bytes, 0, HEAD_BYTES, 0, (error, length) => {
        if (!error) return done([path.basename(file), { descriptor, stat, bytes, length }])
        closeSync(descriptor)
        done(null)
      })
    })
  }

  private release(fetched: ReadonlyMap<string, Fetched>): void {
    for (const { descriptor, bytes } of fetched.values()) {
      closeSync(descriptor)
      this.buffers.push(bytes)
    }
  }
}
