/**
 * Settings that contain a password. They are never passed as arguments of a process, which every user of the machine
 * can read.
 */
import { lstatSync, readFileSync } from 'node:fs'
import { string, UsageError, type Values } from './command.ts'

/** Permission bits of group and others. */
const OTHERS = 0o077

/**
 * Reads a setting from the file of the option `--NAME-file`, from the environment's `OUTPOST_NAME`, or from `--NAME`,
 * in this order. The environment's value is removed, so that programs started later do not inherit it.
 * @param isSecret whether a value given as an argument contains a password or a token
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
  const fromEnvironment = environment[variable]
  delete environment[variable]
  if (file !== undefined) return secretOfFile(`--${name}-file`, file)
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment
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

/** Whether an address contains a password. */
export const hasPassword = (address: string): boolean => (URL.parse(address)?.password ?? '') !== ''
