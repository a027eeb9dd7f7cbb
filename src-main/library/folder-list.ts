/** Which folders the library holds: kept beside the index, so that the index can be thrown away and built again. */
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

  /** The folder's entry; a folder that is already in the list is not added twice. */
  add(folder: string): FolderEntry {
    const full = path.resolve(folder)
    const known = this.entries.find((entry) => entry.path === full)
    if (known) return known
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

  /** Written beside and renamed, so that a power cut leaves the old list or the new one. */
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
