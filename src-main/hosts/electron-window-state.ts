import type * as Electron from 'electron'
import { z } from 'zod'
import { tryParseJson } from '../../src-core/parse-json.ts'
import { readFileSync, writeFileSync } from 'node:fs'

export interface WindowPlace {
  readonly bounds: { readonly width: number; readonly height: number; readonly x?: number; readonly y?: number }
  /** Saves the window's position when it closes. */
  follow(window: Electron.BrowserWindow): void
}

const standard = { width: 1440, height: 900 }

/** The last position of the window; the standard size when no valid position was saved. */
export function rememberWindow(file: string): WindowPlace {
  return {
    bounds: read(file),
    follow: (window) =>
      window.on('close', () => {
        try {
          writeFileSync(file, JSON.stringify(window.getNormalBounds()))
        } catch {
          // The window closes even if its position cannot be saved.
        }
      }),
  }
}

const Position = z.int().min(-20_000).max(20_000)
const Bounds = z.object({ x: Position, y: Position, width: z.int().min(640), height: z.int().min(480) })

function read(file: string): WindowPlace['bounds'] {
  try {
    return tryParseJson(readFileSync(file, 'utf8'), Bounds) ?? standard
  } catch {
    return standard
  }
}
