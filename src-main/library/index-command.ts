/** The output of the commands `index` and `studies`. They use the same index as the workstation. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Patient, StudyQuery } from '../../src-core/contract/studies.ts'
import { lockDataFolder } from '../storage/data-folder-lock.ts'
import { openIndexDatabase } from '../storage/index/index-database.ts'
import { IndexReader } from '../storage/index/index-reader.ts'
import { IndexWriter } from '../storage/index/index-writer.ts'
import { FolderList, type FolderEntry } from './folder-list.ts'
import { FolderScan, type ScanCounts } from './folder-scan.ts'
import { sameContent } from './same-content.ts'

export interface IndexReport {
  readonly files: number
  readonly indexed: number
  readonly unchanged: number
  readonly skipped: readonly { readonly path: string; readonly code: string }[]
  readonly patients: number
  readonly studies: number
  readonly series: number
  readonly instances: number
  readonly seconds: number
}

export interface IndexOptions {
  /** Finds files that were added, renamed or removed, but not files that were rewritten in place. */
  readonly quick?: boolean
  readonly onProgress?: (done: number, total: number | null) => void
}

/**
 * Adds the folders to the library and updates the index.
 * @param dataFolder must exist
 * @error data-folder-in-use, folder-missing
 */
export async function indexFolders(
  dataFolder: string,
  folders: readonly string[],
  options: IndexOptions = {},
): Promise<IndexReport> {
  for (const folder of folders)
    if (!isFolder(folder)) throw new OutpostError('folder-missing', { name: path.basename(folder) })
  const started = Date.now()
  const lock = lockDataFolder(dataFolder)
  try {
    const database = openIndexDatabase(dataFolder)
    try {
      const list = new FolderList(dataFolder)
      const added = folders.map((folder) => list.add(folder))
      const { files, indexed, unchanged } = await scanAll(new IndexWriter(database, sameContent), added, options)
      const reader = new IndexReader(dataFolder, database)
      const wanted = new Set(added.map((entry) => entry.folderId))
      const skipped = reader
        .skipped(0, -1)
        .rows.filter((row) => wanted.has(row.folderId))
        .map(({ path: file, code }) => ({ path: file, code }))
      return { files, indexed, unchanged, skipped, ...reader.totals(), seconds: (Date.now() - started) / 1000 }
    } finally {
      database.close()
    }
  } finally {
    lock.release()
  }
}

async function scanAll(
  writer: IndexWriter,
  folders: readonly FolderEntry[],
  { quick = false, onProgress }: IndexOptions,
): Promise<ScanCounts> {
  const sum: ScanCounts = { files: 0, indexed: 0, unchanged: 0, skipped: 0, unsettled: 0, removed: 0 }
  const scan = new FolderScan(writer)
  for (const { folderId, path: root } of folders) {
    const counts = await scan.run(
      folderId,
      root,
      {
        now: () => Date.now(),
        settlingMs: 0,
        committed: () => {},
        proceed: () => Promise.resolve(true),
        progress: ({ done, total }) => onProgress?.(done, total),
      },
      { quick },
    )
    if (!counts) throw new OutpostError('folder-missing', { name: path.basename(root) })
    for (const name of Object.keys(sum) as (keyof ScanCounts)[]) sum[name] += counts[name]
  }
  return sum
}

export interface StudyLine {
  readonly StudyInstanceUID: string
  readonly PatientName: string
  readonly PatientID: string
  /** Other patients with images of this StudyInstanceUID; normally empty. */
  readonly otherPatients: readonly Patient[]
  readonly StudyDate: string
  readonly StudyDescription: string
  readonly AccessionNumber: string
  readonly ModalitiesInStudy: readonly string[]
  readonly series: number
  readonly instances: number
}

/** Studies of the index, newest first. It works also while the workstation runs. */
export function listStudies(dataFolder: string, options: { search?: string; limit?: number } = {}): StudyLine[] {
  const reader = new IndexReader(dataFolder)
  try {
    const lines: StudyLine[] = []
    const limit = options.limit ?? Infinity
    while (lines.length < limit) {
      const query: StudyQuery = {
        text: options.search ?? '',
        notShared: false,
        sort: 'StudyDate',
        descending: true,
        offset: lines.length,
        limit: Math.min(500, limit - lines.length),
      }
      const { rows } = reader.list(query, Date.now())
      lines.push(
        ...rows.map(
          ({
            StudyInstanceUID,
            PatientName,
            PatientID,
            otherPatients,
            StudyDate,
            StudyDescription,
            AccessionNumber,
            ModalitiesInStudy,
            series,
            instances,
          }) => ({
            StudyInstanceUID,
            PatientName,
            PatientID,
            otherPatients,
            StudyDate,
            StudyDescription,
            AccessionNumber,
            ModalitiesInStudy,
            series,
            instances,
          }),
        ),
      )
      if (rows.length < 500) break
    }
    return lines
  } finally {
    reader.close()
  }
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
}
