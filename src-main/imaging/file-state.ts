/** The state of a file in which it was read: what is decoded, signed off or sent later must be the same bytes. */
export interface FileState {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** The index may keep whole milliseconds. */
export function sameState(
  now: { readonly size: number; readonly mtimeMs: number },
  { size, mtimeMs }: Omit<FileState, 'path'>,
): boolean {
  return now.size === size && Math.abs(now.mtimeMs - mtimeMs) < 1
}
