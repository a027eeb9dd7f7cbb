import type * as Electron from 'electron'
import { z } from 'zod'
import { tryParseJson } from '../../src-core/parse-json.ts'
import { readFileSync, writeFileSync } from 'node:fs'

export interface WindowPlace {
  readonly bounds: { readonly width: number; readonly height: number; readonly x?: number; readonly y?: number }
  /** Writes the window's place down when it closes. */
  follow(window: Electron.BrowserWindow): void
}

const standard = { width: 1440, height: 900 }

/** Where the window was last time; the standard size when nothing sensible was written down. */
export function rememberWindow(file: string): WindowPlace {
  return {
    bounds: read(file),
    follow: (window) =>
      window.on('close', () => {
        try {
          writeFileSync(file, JSON.stringify(window.getNormalBounds()))
        } catch {
          // a place that could not be written down is no reason to keep the window open
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
