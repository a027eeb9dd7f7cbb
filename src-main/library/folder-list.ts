/** The list of the library's folders. It is kept beside the index, so that the index can be deleted and built again. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { listOfKnown, MAX_LIST_LENGTH } from '../../src-core/contract/bounded.ts'
import { tryParseJson } from '../../src-core/parse-json.ts'

const FolderEntry = z.object({ folderId: z.string(), path: z.string(), paused: z.boolean() })
export type FolderEntry = Readonly<z.infer<typeof FolderEntry>>
const FolderEntries = listOfKnown(FolderEntry, MAX_LIST_LENGTH)

export class FolderList {
  private readonly file: string
  private entries: FolderEntry[]

  constructor(dataFolder: string) {
    this.file = path.join(dataFolder, 'folders.json')
    this.entries = read(this.file)
  }

  all(): readonly FolderEntry[] {
    return this.entries
  }
  find(folderId: string): FolderEntry | undefined {
    return this.entries.find((entry) => entry.folderId === folderId)
  }

  /** Returns the folder's entry. A folder that is already in the list is not added twice. */
  add(folder: string): FolderEntry {
    const full = path.resolve(folder)
    const existing = this.entries.find((entry) => entry.path === full)
    if (existing) return existing
    const entry = { folderId: crypto.randomUUID(), path: full, paused: false }
    this.save([...this.entries, entry])
    return entry
  }

  remove(folderId: string): void {
    this.save(this.entries.filter((entry) => entry.folderId !== folderId))
  }
  pause(folderId: string, paused: boolean): void {
    this.save(this.entries.map((entry) => (entry.folderId === folderId ? { ...entry, paused } : entry)))
  }

  /** Writes a new file and renames it, so that a power cut leaves either the old list or the new one. */
  private save(entries: FolderEntry[]): void {
    const beside = `${this.file}.new`
    const descriptor = openSync(beside, 'w', 0o600)
    try {
      writeSync(descriptor, JSON.stringify(entries))
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(beside, this.file)
    this.entries = entries
  }
}

function read(file: string): FolderEntry[] {
  try {
    return tryParseJson(readFileSync(file, 'utf8'), FolderEntries) ?? []
  } catch {
    return []
  }
}
