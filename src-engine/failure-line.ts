import { correlationId } from './correlation.ts'

/**
 * One line of the log about an unexpected failure. Messages of errors may quote values of a query or an address with a
 * token: they are left out.
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
