/** Reads the heads of the next files of a slow disk several at once, while those before are taken in. From memory, one after the other costs less. */
import { closeSync, fstatSync, openSync, read, type Stats } from 'node:fs'

/** Files of one group: more than the system reads at a time, few enough to answer to a pause at once. */
export const GROUP = 64
/** One slow read may be another program's turn; one of so many is the disk. */
const SLOW_PART = 4
/** After so many groups the disk is asked again whether it is still slow; twice as many each time that it was. */
const ASK_AGAIN = 16
const LONGEST = 1024
const HEAD_BYTES = 8192

/** An open file, what it was before its first bytes were read, and these. */
export interface Fetched { readonly descriptor: number; readonly stat: Stats; readonly bytes: Buffer; readonly length: number }

/** Files of one directory that are visited together. */
export interface FileGroup {
  /** What makes a path of a name. */
  readonly prefix: string
  readonly names: readonly string[]
  /** Which of them will be read. */
  readonly wanted: (name: string) => boolean
}

const NOTHING: Promise<ReadonlyMap<string, Fetched>> = Promise.resolve(new Map())

export class ReadAhead {
  private slowGroups = 0
  private askAgain = ASK_AGAIN
  private readonly buffers: Buffer[] = []

  /** To be told how many of the files that were read one after the other were waited for. */
  measured(reads: number, slow: number): void {
    if (slow * SLOW_PART <= reads) {
      if (reads > 0) this.askAgain = ASK_AGAIN
      return
    }
    this.slowGroups = this.askAgain
    this.askAgain = Math.min(LONGEST, this.askAgain * 2)
  }

  /** The groups, with the files that were fetched; these are closed and their bytes used again when the next group is asked for. */
  async *alongside<Group extends FileGroup>(groups: Iterable<Group>): AsyncGenerator<[Group, ReadonlyMap<string, Fetched>]> {
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

  private async *handOut<Group>(group: Group, fetching: Promise<ReadonlyMap<string, Fetched>>): AsyncGenerator<[Group, ReadonlyMap<string, Fetched>]> {
    const fetched = await fetching
    try {
      yield [group, fetched]
    } finally {
      this.release(fetched)
    }
  }

  private start({ prefix, names, wanted }: FileGroup): Promise<ReadonlyMap<string, Fetched>> {
    if (this.slowGroups === 0) return NOTHING
    this.slowGroups--
    return Promise.all(names.filter(wanted).map((name) => this.fetch(prefix, name))).then((all) => new Map(all.filter((one) => one !== null)))
  }

  /** Null for what cannot be read: who reads it alone will say why. */
  private fetch(prefix: string, name: string): Promise<[string, Fetched] | null> {
    return new Promise((done) => {
      let descriptor: number
      try {
        descriptor = openSync(prefix + name, 'r')
      } catch {
        return done(null)
      }
      const stat = fstatSync(descriptor)
      const bytes = this.buffers.pop() ?? Buffer.allocUnsafeSlow(HEAD_BYTES)
      read(descriptor, bytes, 0, HEAD_BYTES, 0, (error, length) => {
        if (!error) return done([name, { descriptor, stat, bytes, length }])
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
