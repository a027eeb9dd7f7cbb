/** The program's log. It records codes, ids and counts, and never a value that could identify a person (W10). */
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import electronLog from 'electron-log/node.js'
import { ERROR_CODES, OutpostError } from '../../src-core/contract/errors.ts'
import { correlationId } from '../../src-engine/correlation.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'
/** The only fields that can be logged. Each is written only if its value has the form that its name promises. */
export interface LogFields {
  readonly code?: string
  readonly shareId?: string
  readonly packageId?: string
  readonly folderId?: string
  readonly where?: LogWord
  readonly state?: string
  readonly error?: unknown
  /** Where and how the page of the browser failed, as it says. */
  readonly page?: { readonly kind: string; readonly name: string; readonly place: string }
  /** Counts, sizes, durations. */
  readonly numbers?: Readonly<Record<string, number>>
}

/** The words that name what happened. The list is closed, because free text could contain names. */
export const LOG_WORDS = [
  'started',
  'stopped',
  'page-opened',
  'page-failed',
  'request-failed',
  'procedure-failed',
  'sync-failed',
  'audit-failed',
  'preview-failed',
  'outbox',
  'contact',
  'library',
  'indexer',
  'storage',
  'decoder',
  'secrets',
  'updates',
  'unexpected',
] as const
export type LogWord = (typeof LOG_WORDS)[number]

export interface ProgramLog {
  write(level: LogLevel, what: LogWord, fields?: LogFields): void
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const CODES: ReadonlySet<string> = new Set(ERROR_CODES)
const WORDS: ReadonlySet<string> = new Set(LOG_WORDS)
const STATES = /^(held|queued|preparing|prepared|uploading|confirming|delivered|waiting|paused|failed|cancelled)$/
const NUMBER_NAMES = /^[a-z][A-Za-z]{0,30}$/
const PAGE_KINDS = /^(error|rejection|render)$/
const ERROR_NAMES = /^[A-Z][A-Za-z]{0,30}Error$|^Error$/
const PAGE_PLACES = /^[\w.-]{1,80}\.[jt]sx?:\d{1,7}:\d{1,7}$/
const LOG_BYTES = 2 * 2 ** 20

/** @param folder is created when it is missing. The log is main.log in it; the previous log is main.old.log. */
export function createLog(folder: string): ProgramLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const logger = electronLog.create({ logId: `outpost ${folder}` })
  logger.transports.console.level = false
  logger.transports.file.level = 'debug'
  logger.transports.file.maxSize = LOG_BYTES
  logger.transports.file.format = '{iso} {level} {text}'
  logger.transports.file.resolvePathFn = () => join(folder, 'main.log')
  // Everything that is logged passes here last, so that no path around log() can write a value that is not redacted.
  logger.hooks.push((message) => ({ ...message, data: [redacted(message.data)] }))
  return { write: (level, what, fields = {}) => logger[level](what, fields) }
}

/** Formats one line: a word of LOG_WORDS, then the fields whose values have the expected form. */
export function redacted(data: readonly unknown[]): string {
  const [what, fields] = data
  const word = typeof what === 'string' && WORDS.has(what) ? what : 'unexpected'
  const parts = [word]
  const logFields = (fields !== null && typeof fields === 'object' ? fields : {}) as LogFields
  const say = (name: string, value: unknown, allowed: (text: string) => boolean) => {
    if (value !== undefined) parts.push(`${name}=${typeof value === 'string' && allowed(value) ? value : '[redacted]'}`)
  }
  say('code', logFields.code, (text) => CODES.has(text))
  for (const name of ['shareId', 'packageId', 'folderId'] as const)
    say(name, logFields[name], (text) => UUID.test(text))
  say('where', logFields.where, (text) => WORDS.has(text))
  say('state', logFields.state, (text) => STATES.test(text))
  for (const [name, value] of Object.entries(logFields.numbers ?? {}))
    if (NUMBER_NAMES.test(name) && Number.isFinite(value)) parts.push(`${name}=${Number(value)}`)
  say('kind', logFields.page?.kind, (text) => PAGE_KINDS.test(text))
  say('name', logFields.page?.name, (text) => ERROR_NAMES.test(text))
  say('place', logFields.page?.place, (text) => PAGE_PLACES.test(text))
  if (logFields.error !== undefined) parts.push(errorText(logFields.error))
  const id = correlationId()
  if (id !== undefined) parts.push(`correlation=${id}`)
  return parts.join(' ')
}

/**
 * Describes an error without its message, which may quote anything: its class, its code, and where our code threw it.
 */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return 'error=[redacted]'
  const kind =
    error instanceof OutpostError
      ? error.code
      : ([TypeError, RangeError, SyntaxError, ReferenceError].find((Kind) => error instanceof Kind)?.name ?? 'Error')
  const places = (error.stack ?? '')
    .slice((error.stack ?? '').indexOf(error.message) + error.message.length)
    .split('\n')
    .map((line) => /^\s+at (?:.*?\()?(?:file:\/\/)?([^\s()]+):(\d+):\d+\)?$/.exec(line))
    .filter((match) => match !== null)
    .slice(0, 6)
    .map((match) => `${basename(match[1] as string)}:${match[2]}`)
    .filter((place) => /^[\w.-]+\.(ts|js|mjs|cjs):\d+$/.test(place))
  return `error=${kind}${places.length > 0 ? ` at ${places.join(' < ')}` : ''}`
}
