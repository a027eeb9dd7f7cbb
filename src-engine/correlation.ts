/**
 * The correlation id of the work that a program does for one request or one try of the outbox. Every line of the log
 * about this work, the answer to the request, and its own requests to the relay have the id, so that the lines of two
 * logs can be matched.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

/** The header of requests and answers that has the id. */
export const CORRELATION_HEADER = 'Outpost-Correlation'

const ID = /^[0-9a-f]{8}$/
const current = new AsyncLocalStorage<string>()

/** The id of what runs now, 8 hexadecimal digits; undefined outside of everything that is correlated. */
export const correlationId = (): string | undefined => current.getStore()

/** Runs work under an id. @param id as another program sent it; a new one is made where it is not an id */
export function correlated<T>(work: (id: string) => T, id?: string | null): T {
  const known = id !== undefined && id !== null && ID.test(id) ? id : randomBytes(4).toString('hex')
  return current.run(known, () => work(known))
}

/** A fetch that sends the id of what it is called for. */
export function correlatedFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const id = correlationId()
    if (id === undefined) return fetch(input, init)
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    headers.set(CORRELATION_HEADER, id)
    return fetch(input, { ...init, headers })
  }
}
