/** Tells which directories below a folder changed, some time after the last change. */
import { statSync, watch, type FSWatcher } from 'node:fs'
import path from 'node:path'

/** Files come in bursts: a study is looked at when it pauses, and at the latest after LONGEST_MS. */
const QUIET_MS = 1000
const LONGEST_MS = 5000
/** Network drives report nothing: everything is compared by stat now and then. */
const PERIOD_MS = 10 * 60_000
const MOST_DIRECTORIES = 200

/** @param only directories to look at, relative to the folder; null: everything */
export type OnChange = (only: ReadonlySet<string> | null) => void

export class FolderWatch {
  private readonly root: string
  private readonly onChange: OnChange
  private watcher: FSWatcher | null = null
  private readonly period: NodeJS.Timeout
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
    this.start()
  }

  /** Where the system cannot watch (too many directories, a share that is gone), the period remains. */
  private start(): void {
    try {
      this.watcher = watch(this.root, { recursive: true }, (_event, name) => this.note(name))
      this.watcher.on('error', () => this.stop())
    } catch {
      this.watcher = null
    }
  }

  private stop(): void {
    this.watcher?.close()
    this.watcher = null
  }

  private note(name: string | null): void {
    if (name === null || isDirectory(path.join(this.root, name))) this.changed = null
    else this.changed?.add(path.dirname(name) === '.' ? '' : path.dirname(name))
    if (this.changed && this.changed.size > MOST_DIRECTORIES) this.changed = null
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
    this.stop()
    clearInterval(this.period)
    if (this.quiet) clearTimeout(this.quiet)
  }
}

function isDirectory(name: string): boolean {
  try {
    return statSync(name).isDirectory()
  } catch {
    return false
  }
}
