/** Watches a folder and reports the changed directories, some time after the last change. */
import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { parentOf } from './parent-directory.ts'
import { watchTree, type TreeWatch } from './tree-watch.ts'

/** Files arrive in bursts: the changes are reported after a pause, and at the latest after LONGEST_MS. */
const QUIET_MS = 1000
const LONGEST_MS = 5000
/** Network drives report no changes, so the whole folder is compared at this interval. */
const PERIOD_MS = 10 * 60_000
const MAX_DIRECTORIES = 200
/**
 * Interval of the check whether the folder's disk was removed and connected again: then the old watches no longer work.
 */
const PRESENCE_MS = 3000

/** @param only changed directories relative to the folder; null: the whole folder */
export type OnChange = (only: ReadonlySet<string> | null) => void

export class FolderWatch {
  private readonly root: string
  private readonly onChange: OnChange
  private watcher: TreeWatch | null = null
  private readonly period: NodeJS.Timeout
  private readonly presence: NodeJS.Timeout
  /** Device and inode of the watched directory; null while none is watched. */
  private identity: string | null = null
  private closed = false
  private quiet: NodeJS.Timeout | null = null
  private firstAt = 0
  private changed: Set<string> | null = new Set()

  constructor(root: string, onChange: OnChange) {
    this.root = root
    this.onChange = onChange
    this.period = setInterval(() => {
      if (!this.watcher) this.start()
      this.onChange(null)
    }, PERIOD_MS)
    this.period.unref()
    this.presence = setInterval(() => void this.look(), PRESENCE_MS)
    this.presence.unref()
    this.start()
    void identityOf(root).then((identity) => (this.identity = identity))
  }

  /**
   * Starts watching. When the system refuses (too many directories, a disconnected share), the periodic comparison
   * remains.
   */
  private start(): void {
    try {
      this.watcher = watchTree(
        this.root,
        (name) => this.note(name),
        () => this.stop(),
      )
    } catch {
      this.watcher = null
    }
  }

  /** Called when a directory of the folder is about to be listed. */
  see(directory: string): void {
    this.watcher?.see(directory)
  }

  /** Called when the folder was missing while it was scanned; it is watched again once it is back. */
  lost(): void {
    this.stop()
    this.identity = null
  }

  private async look(): Promise<void> {
    const identity = await identityOf(this.root)
    if (this.closed || identity === this.identity) return
    this.stop()
    this.identity = identity
    if (identity !== null) this.start()
    this.onChange(null)
  }

  private stop(): void {
    this.watcher?.close()
    this.watcher = null
  }

  private note(name: string | null): void {
    if (name === null || isDirectory(path.join(this.root, name))) this.changed = null
    else this.changed?.add(parentOf(name))
    if (this.changed && this.changed.size > MAX_DIRECTORIES) this.changed = null
    const now = Date.now()
    if (!this.quiet) this.firstAt = now
    else clearTimeout(this.quiet)
    this.quiet = setTimeout(() => this.tell(), Math.max(0, Math.min(QUIET_MS, this.firstAt + LONGEST_MS - now)))
  }

  private tell(): void {
    const only = this.changed
    this.quiet = null
    this.changed = new Set()
    this.onChange(only)
  }

  close(): void {
    this.closed = true
    this.stop()
    clearInterval(this.presence)
    clearInterval(this.period)
    if (this.quiet) clearTimeout(this.quiet)
  }
}

async function identityOf(folder: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return null
  }
}

function isDirectory(name: string): boolean {
  try {
    return statSync(name).isDirectory()
  } catch {
    return false
  }
}
