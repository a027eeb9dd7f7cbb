/** The state of a file when it was read. Files that are decoded, signed off or sent later must have the same state. */
export interface FileState {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** Compares whole milliseconds, because the index may keep no fractions. */
export function sameState(
  now: { readonly size: number; readonly mtimeMs: number },
  { size, mtimeMs }: Omit<FileState, 'path'>,
): boolean {
  return now.size === size && Math.abs(now.mtimeMs - mtimeMs) < 1
}
