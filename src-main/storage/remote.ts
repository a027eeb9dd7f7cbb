/** Calls the methods of a repository in another thread; each returns a promise. */
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'

export type Remote<T> = {
  readonly [Name in keyof T as T[Name] extends (...args: never[]) => unknown ? Name : never]: T[Name] extends (
    ...args: infer Arguments
  ) => infer Result
    ? (...args: Arguments) => Promise<Awaited<Result>>
    : never
}

export interface RemoteCall {
  readonly id: number
  readonly repository: string
  readonly method: string
  readonly args: readonly unknown[]
}

/** An error in the form that is sent between threads: structured clone keeps neither class nor code. */
export interface RemoteError {
  readonly code: ErrorCode | null
  readonly detail: Readonly<Record<string, string | number | boolean>>
  readonly message: string
  readonly stack: string
}

export type RemoteAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: RemoteError }

export function toRemoteError(error: unknown): RemoteError {
  if (error instanceof OutpostError)
    return { code: error.code, detail: error.detail, message: error.message, stack: error.stack ?? '' }
  const { message = String(error), stack = '' } = error instanceof Error ? error : {}
  return { code: null, detail: {}, message, stack }
}

export function fromRemoteError(error: RemoteError): Error {
  if (error.code !== null) return new OutpostError(error.code, { ...error.detail })
  const result = new Error(error.message)
  result.stack = error.stack
  return result
}

/** Creates a proxy whose every method sends a call. */
export function remote<T>(call: (method: string, args: readonly unknown[]) => Promise<unknown>): Remote<T> {
  return new Proxy(
    {},
    {
      // Without this exception, `await` would treat the proxy as a promise.
      get: (_, method) =>
        typeof method === 'string' && method !== 'then' ? (...args: unknown[]) => call(method, args) : undefined,
    },
  ) as Remote<T>
}

/**
 * Finds a method by name on the repository's own class and calls it; methods inherited from Object cannot be called.
 */
export function callMethod(repository: object, method: string, args: readonly unknown[]): unknown {
  const prototype: unknown = Object.getPrototypeOf(repository)
  const implementation: unknown =
    method !== 'constructor' && prototype !== null && Object.hasOwn(prototype as object, method)
      ? (prototype as Record<string, unknown>)[method]
      : undefined
  if (typeof implementation !== 'function') throw new Error(`no method ${method} in ${repository.constructor.name}`)
  return implementation.apply(repository, args)
}
