/** Imports from discs, USB drives and ZIPs, as procedures and the library offer them (X7). */
import type { ImportChoice, ImportState } from '../../src-core/contract/import.ts'

/** The content of the audit entry of a finished import. */
export interface ImportSummary {
  readonly importId: string
  readonly patients: number
  readonly instances: number
  readonly studies: readonly string[]
  readonly accepted: number
  readonly corrected: number
  readonly apart: number
}

export interface Imports {
  /** @param source path of a folder or a ZIP file that a person chose @error import-running */
  scan(source: string): Promise<{ importId: string }>
  /** @error import-not-found */
  state(importId: string): ImportState
  /**
   * Starts copying.
   * @param record writes the audit entry; when it fails, the import is undone
   * @error import-not-found, import-choice-missing, not-in-this-state
   */
  start(importId: string, choices: readonly ImportChoice[], record: (summary: ImportSummary) => Promise<void>): void
  /** Resolves when all files of the import are removed. @error import-not-found */
  cancel(importId: string): Promise<void>
  close(): Promise<void>
}
