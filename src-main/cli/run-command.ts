/**
 * The command line: `outpost COMMAND`. With --json, one JSON document goes to standard output and nothing else;
 * messages go to standard error. The document of a failure holds `code`, its details, and `message`, which says what to
 * do. Exit code: 0 done, 1 done in part or refused (the JSON says what), 2 wrong usage.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import { formatTemplate } from '../../src-core/messages/format-template.ts'
import { tryParseJson } from '../../src-core/parse-json.ts'
import { storageFailure } from '../storage/storage-failure.ts'
import { readWords, UsageError } from './command.ts'
import { findCommand, type Commands } from './commands.ts'
import type { Program } from '../hosts/program.ts'

const Sentences = z.record(z.string(), z.string())

/**
 * The English sentence for an error's code: what it means and what to do. The code itself where there is no sentence.
 */
export function sentenceOf(program: Program, code: string, detail: OutpostError['detail'] = {}): string {
  try {
    const file = join(program.resourcesFolder, 'messages', 'en', 'errors.json')
    const sentence = tryParseJson(readFileSync(file, 'utf8'), Sentences)?.[code] ?? code
    return formatTemplate(sentence, detail)
  } catch {
    return code
  }
}

async function help(commands: Commands): Promise<string> {
  const usages = await Promise.all(Object.values(commands).map(async (load) => `  ${(await load()).usage}`))
  return `outpost COMMAND [--data DIR] [--json]\n\n${usages.join('\n')}\n`
}

/**
 * Runs one command.
 * @param args without the program's name
 * @returns the exit code; it never resolves for a command that runs until it is ended
 */
export async function runCommandLine(program: Program, commands: Commands, args: readonly string[]): Promise<number> {
  const found = findCommand(commands, args)
  if (found === null) {
    const [first = ''] = args
    const asked = first === '--help' || first === 'help'
    process.stderr.write(`${asked || first === '' ? '' : `There is no command ${first}.\n\n`}${await help(commands)}`)
    return asked ? 0 : 2
  }
  const command = await commands[found.name]!()
  const asJson = args.includes('--json')
  try {
    const { words, values } = readWords(command, [...found.rest])
    const outcome = await command.run(words, values, program)
    if (outcome === undefined) return await new Promise<number>(() => {})
    const text =
      asJson || outcome.text === undefined ? JSON.stringify(outcome.json, null, asJson ? undefined : 2) : outcome.text
    await print(`${text}\n`)
    return outcome.exit ?? 0
  } catch (thrown) {
    const error = storageFailure(thrown, 'ledger-damaged')
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\nusage: outpost ${command.usage}\n`)
      return 2
    }
    // At a terminal an unknown failure shows its stack; with --json every failure has the same shape.
    if (!(error instanceof OutpostError) && !asJson) throw error
    const code = codeOf(error)
    const detail = error instanceof OutpostError ? error.detail : {}
    const message = sentenceOf(program, code, detail)
    if (asJson) await print(`${JSON.stringify({ code, ...detail, message })}\n`)
    process.stderr.write(`${message} (${code})\n`)
    return 1
  }
}

/** Resolves once standard output has accepted the text, or once its reader has closed it. */
async function print(text: string): Promise<void> {
  // The callback receives the same error; without a listener the error would end the process.
  process.stdout.once('error', () => {})
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      const failed = error && (error as NodeJS.ErrnoException).code !== 'EPIPE'
      return failed ? reject(error) : resolve()
    })
  })
}

/** Runs the command that this process was started with, and ends the process. */
export async function runCommandAndExit(program: Program, commands: Commands): Promise<void> {
  // Workers and pools that a command left idle must not keep the process alive.
  process.exit(await runCommandLine(program, commands, process.argv.slice(2)))
}
