/** Executes the commands `inspect` and `render`. Their results are JSON for the command line, the same in all hosts. */
import { writeFile } from 'node:fs/promises'
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { Imaging, Inspection, RenderRequest } from '../imaging.ts'

export type InspectAnswer = { readonly path: string } & Inspection

/**
 * One answer for each file, in their order. A file that cannot be read has an error code and does not stop the others.
 */
export async function inspectFiles(
  imaging: Imaging,
  paths: readonly string[],
  options: { pixels: boolean },
): Promise<InspectAnswer[]> {
  return Promise.all(paths.map(async (path) => ({ path, ...(await imaging.inspect({ path }, options)) })))
}

export interface RenderAnswer {
  readonly width: number
  readonly height: number
  readonly code: ErrorCode | null
}

export interface RenderCommand {
  readonly path: string
  readonly out: string
  /** Counted from 1; absent: the first. */
  readonly frame?: number
  readonly size?: number
  readonly voi?: { readonly center: number; readonly width: number }
}

/**
 * Writes one frame as PNG, or as JPEG when the name ends like that. Nothing is written when the frame cannot be shown.
 */
export async function renderFile(imaging: Imaging, command: RenderCommand): Promise<RenderAnswer> {
  const { path, out, frame = 1, size, voi } = command
  const request: RenderRequest = {
    frame,
    format: /\.jpe?g$/i.test(out) ? 'jpeg' : 'png',
    ...(size !== undefined && { size }),
    ...(voi && { voi }),
  }
  try {
    const { width, height, bytes } = await imaging.render({ path }, request)
    await write(out, bytes)
    return { width, height, code: null }
  } catch (error) {
    return { width: 0, height: 0, code: codeOf(error) }
  }
}

async function write(out: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(out, bytes)
  } catch (error) {
    throw new OutpostError(
      (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'disk-full' : 'folder-not-readable',
      {},
      { cause: error },
    )
  }
}

/**
 * Reads "CENTER,WIDTH" from the command line.
 * @error bad-request
 */
export function parseWindow(text: string): { center: number; width: number } {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*$/.exec(text)
  if (!match) throw new OutpostError('bad-request', { option: 'voi' })
  return { center: Number(match[1]), width: Number(match[2]) }
}
