/** Settings that hold a password: never among a process's arguments, which every user of the machine can read. */
import { lstatSync, readFileSync } from 'node:fs'
import { string, UsageError, type Values } from './command.ts'

/** Group and others. */
const OTHERS = 0o077

/**
 * A setting of the option `--NAME-file`, of the environment's `OUTPOST_NAME`, or of `--NAME` itself, in this order.
 * The environment's is taken out of it, so that no program started later inherits it.
 * @param isSecret whether what stands among the arguments holds a password or a token
 * @throws UsageError
 */
export function secretSetting(
  values: Values,
  name: string,
  isSecret: (value: string) => boolean,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const variable = `OUTPOST_${name.toUpperCase().replaceAll('-', '_')}`
  const file = string(values, `${name}-file`)
  const kept = environment[variable]
  delete environment[variable]
  if (file !== undefined) return secretOfFile(`--${name}-file`, file)
  if (kept !== undefined && kept !== '') return kept
  const open = string(values, name)
  if (open !== undefined && isSecret(open))
    throw new UsageError(
      `--${name} must not hold a password: everybody on this machine can read it there. ` +
        `Put it into a file that only you can read, and give --${name}-file FILE; or set ${variable}.`,
    )
  return open
}

function secretOfFile(option: string, file: string): string {
  let text: string
  try {
    const { mode } = lstatSync(file)
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new UsageError(`Others may read ${file}, which ${option} names. Close it to them first: chmod 600 ${file}`)
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`The file ${file}, which ${option} names, cannot be read.`)
  }
  if (text === '' || text.includes('\n'))
    throw new UsageError(`The file ${file} must hold one line, the setting itself.`)
  return text
}

/** Whether an address has a password in it. */
export const hasPassword = (address: string): boolean => (URL.parse(address)?.password ?? '') !== ''
