/** Reports changes anywhere below a folder, with the means of the operating system. */
import { existsSync, watch, type FSWatcher } from 'node:fs'
import path from 'node:path'
import { parentOf } from './parent-directory.ts'

export interface TreeWatch {
  /** Called when a directory, relative to the folder, is about to be listed: from now on changes in it are reported. */
  see(directory: string): void
  close(): void
}

/**
 * Windows and macOS watch a whole tree. Linux watches single directories, and Node's recursive watch there watches
 * every file: this takes a second and 140 MB for 50,000 files before the first is read. Here each directory is watched
 * from when it is first listed.
 * @param onEvent the changed path relative to the folder; null when it is unknown
 * @param onFailure no further changes are reported: there are too many directories, or the folder is gone
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
   * The subdirectories of each directory that is watched or lies above a watched one, so that a removed tree is found
   * without a search through all watches.
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
      // A directory that was removed meanwhile or may not be read does not end the other watches.
      if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) this.fail()
    }
  }

  private add(directory: string): void {
    const watcher = watch(path.join(this.root, directory), (_event, name) => this.note(directory, name))
    watcher.on('error', () => this.drop(directory))
    this.watchers.set(directory, watcher)
    for (let ancestor = directory; ancestor !== ''; ancestor = parentOf(ancestor)) {
      const siblings = this.children.get(parentOf(ancestor)) ?? new Set()
      this.children.set(parentOf(ancestor), siblings.add(ancestor))
    }
  }

  private note(directory: string, name: string | null): void {
    if (this.closed) return
    if (name === null) return this.onEvent(null)
    const changed = path.join(directory, name)
    // A directory was removed or moved away. Its subdirectories report nothing, so their watches are closed here.
    if (this.watchers.has(changed) && !existsSync(path.join(this.root, changed))) {
      this.drop(changed)
      return this.onEvent(null)
    }
    this.onEvent(changed)
  }

  /** Closes the watches of a directory and of everything below it. */
  private drop(directory: string): void {
    if (directory === '') return this.fail()
    for (const child of this.children.get(directory) ?? []) this.drop(child)
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
