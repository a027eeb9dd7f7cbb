/** Tells of changes anywhere below a folder, by the means that the system has. */
import { existsSync, watch, type FSWatcher } from 'node:fs'
import path from 'node:path'
import { parentOf } from './parent-directory.ts'

export interface TreeWatch {
  /** A directory, relative to the folder, is about to be listed: what changes in it from now on is told. */
  see(directory: string): void
  close(): void
}

/**
 * Windows and macOS watch a tree as one. Linux watches directories, and Node makes up for it by watching every file: a
 * second and 140 MB for
 * 50,000 of them, before the first is read. Here each directory is watched once somebody lists it.
 * @param onEvent what changed, relative to the folder; null when it cannot be said
 * @param onFailure nothing more is told: too many directories, or the folder is gone
 * @error as watch, when the folder itself cannot be watched
 */
export function watchTree(root: string, onEvent: (name: string | null) => void, onFailure: () => void): TreeWatch {
  if (process.platform === 'linux') return new DirectoryWatches(root, onEvent, onFailure)
  const watcher = watch(root, { recursive: true }, (_event, name) => onEvent(name))
  watcher.on('error', onFailure)
  return { see: () => {}, close: () => watcher.close() }
}

class DirectoryWatches implements TreeWatch {
  private readonly root: string
  private readonly onEvent: (name: string | null) => void
  private readonly onFailure: () => void
  private readonly watchers = new Map<string, FSWatcher>()
  /**
   * What lies in each directory, watched or on the way to what is: trees go directory by directory, and each must be
   * quick to let go of.
   */
  private readonly children = new Map<string, Set<string>>()
  private closed = false

  constructor(root: string, onEvent: (name: string | null) => void, onFailure: () => void) {
    this.root = root
    this.onEvent = onEvent
    this.onFailure = onFailure
    this.add('')
  }

  see(directory: string): void {
    if (this.closed || this.watchers.has(directory)) return
    try {
      this.add(directory)
    } catch (error) {
      // A directory that went away meanwhile, or may not be read, is no reason to let go of the others.
      if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) this.fail()
    }
  }

  private add(directory: string): void {
    const watcher = watch(path.join(this.root, directory), (_event, name) => this.note(directory, name))
    watcher.on('error', () => this.drop(directory))
    this.watchers.set(directory, watcher)
    for (let one = directory; one !== ''; one = parentOf(one)) {
      const siblings = this.children.get(parentOf(one)) ?? new Set()
      this.children.set(parentOf(one), siblings.add(one))
    }
  }

  private note(directory: string, name: string | null): void {
    if (this.closed) return
    if (name === null) return this.onEvent(null)
    const changed = path.join(directory, name)
    // A directory that is gone, or was moved with its watch, took with it what nobody will tell of.
    if (this.watchers.has(changed) && !existsSync(path.join(this.root, changed))) {
      this.drop(changed)
      return this.onEvent(null)
    }
    this.onEvent(changed)
  }

  /** Lets go of a directory and all below it. */
  private drop(directory: string): void {
    if (directory === '') return this.fail()
    for (const one of this.children.get(directory) ?? []) this.drop(one)
    this.children.delete(directory)
    this.children.get(parentOf(directory))?.delete(directory)
    this.watchers.get(directory)?.close()
    this.watchers.delete(directory)
  }

  private fail(): void {
    if (this.closed) return
    this.close()
    this.onFailure()
  }

  close(): void {
    this.closed = true
    for (const watcher of this.watchers.values()) watcher.close()
    this.watchers.clear()
    this.children.clear()
  }
}
