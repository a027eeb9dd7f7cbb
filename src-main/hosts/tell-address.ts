/** How the person who started the workstation gets into it, and nobody else. */
import { spawn } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserHost } from './browser.ts'

const MINUTE_MS = 60_000
const UNTIL_USED = Infinity

/** Where the words go and the keys come from. */
export interface Terminal {
  write(text: string): void
  /** Whether a person reads: what is written elsewhere is kept in files and journals. */
  readonly isTerminal: boolean
  /** Calls back for each line that is typed; absent where nobody can type. */
  readonly onLine?: (listener: () => void) => void
}

export interface TellOptions {
  readonly json: boolean
  /** Everyone and everything is invented: an address waits for as long as it takes. */
  readonly demonstration: boolean
  readonly openingFile: string
}

/** Tells the address: to a person one that opens the workstation, to a file only where it is. */
export function tellAddress(
  host: Pick<BrowserHost, 'address' | 'origin'>,
  terminal: Terminal,
  { json, demonstration, openingFile }: TellOptions,
): void {
  if (json) return terminal.write(`${JSON.stringify({ url: host.address(2 * MINUTE_MS) })}\n`)
  if (!terminal.isTerminal)
    return terminal.write(`To open the workstation, open the file ${openingFile}\nIt answers at ${host.origin}/\n`)
  const tell = (): void =>
    terminal.write(`The workstation is open at ${host.address(demonstration ? UNTIL_USED : 10 * MINUTE_MS)}\n`)
  tell()
  if (terminal.onLine === undefined) return
  terminal.write('This address opens it once. Press Enter for a new one.\n')
  terminal.onLine(tell)
}

/**
 * A file that opens the workstation, for the person who owns the data folder: a browser that is started with an
 * address would show its token to everyone who lists this machine's processes. It is written anew whenever a token
 * has been used.
 */
export class OpeningFile {
  readonly path: string

  constructor(dataFolder: string) {
    this.path = join(dataFolder, 'open-outpost.html')
  }

  write(host: Pick<BrowserHost, 'address'>): void {
    const url = host.address(UNTIL_USED)
    const unfinished = `${this.path}.new`
    rmSync(unfinished, { force: true })
    // wx: a file or link that somebody else put there is never written to.
    writeFileSync(
      unfinished,
      `<!doctype html><meta charset="utf-8"><title>Outpost</title><meta name="referrer" content="no-referrer">` +
        `<meta http-equiv="refresh" content="0; url=${url}"><a href="${url}">Outpost</a>\n`,
      { mode: 0o600, flag: 'wx' },
    )
    renameSync(unfinished, this.path)
  }

  remove(): void {
    rmSync(this.path, { force: true })
  }

  /** In the person's own browser; where there is none, the address was printed. */
  openInBrowser(): void {
    if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return
    const program = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
    spawn(program, [pathToFileURL(this.path).href], { stdio: 'ignore', detached: true })
      .on('error', () => {})
      .unref()
  }
}
