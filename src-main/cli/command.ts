/** The type of a command of the command line, and how its arguments are read. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import type { Program } from '../hosts/program.ts'

export type Values = Record<string, string | boolean | string[] | undefined>

export interface Outcome {
  /** The one JSON document that --json prints. */
  readonly json: unknown
  /** The text that is printed without --json; absent: the indented JSON. */
  readonly text?: string
  /** Exit code: 0 done, 1 done in part or refused. */
  readonly exit?: 0 | 1
}

export interface Command {
  readonly usage: string
  readonly options: ParseArgsOptionsConfig
  /** The least and the largest number of words after the command's name. */
  readonly words: readonly [number, number]
  /** @returns undefined when the command runs until it is ended (serve, relay) */
  run(words: string[], values: Values, program: Program): Promise<Outcome | undefined>
}

/** The command line was used wrongly; the exit code is 2. */
export class UsageError extends Error {}

export const common = {
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
} satisfies ParseArgsOptionsConfig

export function readWords(command: Command, args: string[]): { words: string[]; values: Values } {
  let parsed: { values: Values; positionals: string[] }
  try {
    parsed = parseArgs({ args, options: { ...common, ...command.options }, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  const [least, most] = command.words
  if (parsed.positionals.length < least || parsed.positionals.length > most)
    throw new UsageError(`usage: outpost ${command.usage}`)
  return { words: parsed.positionals, values: parsed.values }
}

export const string = (values: Values, name: string): string | undefined =>
  typeof values[name] === 'string' ? values[name] : undefined
export const strings = (values: Values, name: string): string[] => (Array.isArray(values[name]) ? values[name] : [])

/** Reads an option whose value must be a whole number. @throws UsageError */
export function number(values: Values, name: string): number | undefined {
  const text = string(values, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`--${name} takes a whole number, not ${text}`)
  return value
}
