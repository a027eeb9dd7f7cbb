/**
 * Starts the real programs as a user would: relay and workstation from the command line, each in a process that a test
 * can kill.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SealedFileSecrets } from '../../src-main/secrets/sealed-file.ts'
import { eventually } from './eventually.ts'

export const root = resolve(import.meta.dirname, '..', '..')

export interface Program {
  readonly process: ChildProcess
  /** The JSON that it printed once it was ready. */
  readonly ready: Record<string, string>
  /** Everything that it printed, for the message of a failing test. */
  output(): string
  /** Ends it with a signal and waits until its process has exited. */
  end(signal?: NodeJS.Signals): Promise<void>
}

export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `outpost-${name}-`))
}

/** Runs `outpost ARGS` until it has printed a line of JSON. */
export async function startProgram(args: string[], env: Record<string, string> = {}): Promise<Program> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'src-main/entries/command-line.ts', ...args, '--json'],
    {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  const line = await eventually(
    () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`outpost ${args[0]} ended with ${child.exitCode ?? child.signalCode}:\n${output}`)
      return output.split('\n').find((candidate) => candidate.startsWith('{') && candidate.endsWith('}'))
    },
    () => `outpost ${args[0]} to get ready:\n${output}`,
  )
  return {
    process: child,
    ready: JSON.parse(line) as Record<string, string>,
    output: () => output,
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await exited
    },
  }
}

/** Returns a new address that opens the workstation of a data folder, from the file that it writes for its owner. */
export function freshAddress(dataFolder: string): string {
  const found = /url=(http:[^"]+)"/.exec(readFileSync(join(dataFolder, 'open-outpost.html'), 'utf8'))
  if (found === null) throw new Error('the file that opens the workstation holds no address')
  return found[1]!
}

/** Opens the workstation by an address, as the page does. @returns the headers for each further request */
export async function openByAddress(address: string): Promise<{ origin: string; headers: Record<string, string> }> {
  const { origin, hash } = new URL(address)
  const answer = await fetch(`${origin}/open`, {
    method: 'POST',
    headers: { 'x-outpost-token': hash.replace('#token=', '') },
  })
  if (!answer.ok) throw new Error(`the address opened nothing: ${answer.status} ${await answer.text()}`)
  const { secret } = (await answer.json()) as { secret: string }
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  return { origin, headers: { cookie, 'x-outpost-secret': secret } }
}

/** Runs `outpost ARGS --json` to its end. */
export async function runProgram(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ exit: number; json: unknown; messages: string; stdout: string }> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'src-main/entries/command-line.ts', ...args],
    {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stdout = ''
  let messages = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    messages += chunk
  })
  const exit = await new Promise<number>((done) => child.once('close', (code) => done(code ?? -1)))
  let json: unknown = null
  try {
    json = JSON.parse(stdout)
  } catch {
    // Wrong use and --help print no JSON; the test then checks exit code and messages.
  }
  return { exit, json, messages, stdout }
}

/**
 * Creates a data folder whose secrets are in a sealed file that is cheap to open, so that programs do not use this
 * machine's keychain.
 */
export async function sealedDataFolder(folder: string, passphrase: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await new SealedFileSecrets(join(folder, 'secrets.json'), { memoryKiB: 1024, passes: 1, lanes: 1 }).unlock(passphrase)
}
