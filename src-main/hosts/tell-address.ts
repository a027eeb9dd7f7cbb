/** Gives the workstation's address to the person who started it, and to no other user of the machine. */
import { spawn } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserHost } from './browser.ts'

const MINUTE_MS = 60_000
const UNTIL_USED = Infinity

/** The terminal that the program writes to and reads keys from. */
export interface Terminal {
  write(text: string): void
  /** Whether a person reads the output. Output that goes elsewhere may be kept in files and journals. */
  readonly isTerminal: boolean
  /** Calls back for each typed line; absent where there is no keyboard. */
  readonly onLine?: (listener: () => void) => void
}

export interface TellOptions {
  readonly json: boolean
  /** Whether all data is invented; then an address stays valid until it is used. */
  readonly demonstration: boolean
  readonly openingFile: string
}

/** Prints the address. A terminal shows one that opens the workstation; a file gets only the one without a token. */
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
 * A file that opens the workstation, readable only by the owner of the data folder. A browser started with the address
 * as argument would show its token to everyone who lists this machine's processes. The file is written again whenever a
 * token was used.
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
    // With the flag wx, an existing file or link of another user is never written to.
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

  /** Opens the file in the person's browser. When that fails, the address was printed. */
  openInBrowser(): void {
    if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return
    const program = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
    spawn(program, [pathToFileURL(this.path).href], { stdio: 'ignore', detached: true })
      .on('error', () => {})
      .unref()
  }
}
