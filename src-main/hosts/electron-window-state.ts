import type * as Electron from 'electron'
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

function read(file: string): WindowPlace['bounds'] {
  try {
    const { x, y, width, height } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    if (![x, y, width, height].every((value) => Number.isSafeInteger(value))) return standard
    if (
      (width as number) < 640 ||
      (height as number) < 480 ||
      Math.abs(x as number) > 20_000 ||
      Math.abs(y as number) > 20_000
    )
      return standard
    return { x: x as number, y: y as number, width: width as number, height: height as number }
  } catch {
    return standard
  }
}
