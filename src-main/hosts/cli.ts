/**
 * The command line: `outpost COMMAND`. With --json one JSON document on standard output and nothing else; messages go to standard error.
 * Exit 0 done, 1 done in part or refused (the JSON says what), 2 wrong usage.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { readWords, UsageError } from './cli-command.ts'
import { commands } from './cli-commands.ts'

const resources = join(import.meta.dirname, '..', '..', 'resources')

function sentence(code: string): string {
  try {
    return (JSON.parse(readFileSync(join(resources, 'messages', 'en', 'errors.json'), 'utf8')) as Record<string, string>)[code] ?? code
  } catch {
    return code
  }
}

function help(): string {
  return `outpost COMMAND [--data DIR] [--json]\n\n${Object.values(commands).map((command) => `  ${command.usage}`).join('\n')}\n`
}

async function main(args: string[]): Promise<number> {
  const [first = '', second = ''] = args
  const two = `${first} ${second}`
  const [command, rest] = two in commands ? [commands[two]!, args.slice(2)] : first in commands ? [commands[first]!, args.slice(1)] : [undefined, []]
  if (!command) {
    process.stderr.write(first === '' || first === '--help' || first === 'help' ? help() : `There is no command ${first}.\n\n${help()}`)
    return first === '--help' || first === 'help' ? 0 : 2
  }
  const asJson = args.includes('--json')
  try {
    const { words, values } = readWords(command, rest)
    const outcome = await command.run(words, values)
    if (outcome === undefined) return await new Promise<number>(() => {})
    process.stdout.write(asJson || outcome.text === undefined ? `${JSON.stringify(outcome.json, null, asJson ? undefined : 2)}\n` : `${outcome.text}\n`)
    return outcome.exit ?? 0
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\nusage: outpost ${command.usage}\n`)
      return 2
    }
    if (error instanceof OutpostError) {
      if (asJson) process.stdout.write(`${JSON.stringify({ code: error.code, ...error.detail })}\n`)
      process.stderr.write(`${sentence(error.code)} (${error.code})\n`)
      return 1
    }
    throw error
  }
}

process.exitCode = await main(process.argv.slice(2))
// workers and pools that a command left idle must not keep it alive
process.stdout.write('', () => process.exit())
