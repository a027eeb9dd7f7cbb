import { correlationId } from './correlation.ts'

/**
 * One line for the log about an unexpected failure. The message of the error is left out, because it may quote values
 * of a query or an address with a token.
 */
export function failureLine(where: string, error: unknown): string {
  const id = correlationId()
  const correlation = id === undefined ? '' : `correlation=${id}`
  if (!(error instanceof Error)) return `${where}: ${typeof error} ${correlation}`.trimEnd()
  const { code } = error as { code?: unknown }
  const frame =
    /\(?([^\s(]+:\d+:\d+)\)?$/m.exec(error.stack?.split('\n').find((line) => /^\s+at .*src-/.test(line)) ?? '')?.[1] ??
    ''
  return [where, error.name, typeof code === 'string' ? code : '', frame.replace(/^.*\/(?=src-)/, ''), correlation]
    .filter((part) => part !== '')
    .join(' ')
}
