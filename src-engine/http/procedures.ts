/** Serves the procedures of a contract: a body is limited before it is read, and every failure is a typed one. */
import { ORPCError, type Context } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import { ERROR_CODES, OutpostError } from '../../src-core/contract/errors.ts'
import { requireStatedCallers } from '../../src-core/permissions/called-by.ts'
import { typedErrors, type TypedErrorOptions } from '../typed-errors.ts'
import { withJsonBody } from './request-body.ts'

export interface ProcedureOptions extends TypedErrorOptions {
  /** What the procedures' addresses begin with, such as `/api`. */
  readonly prefix: `/${string}`
  /** Tells a failure of decoding more exactly, before it becomes a typed error. */
  readonly refine?: <T>(call: { next: () => Promise<T> | T }) => Promise<T>
}

export interface ProcedureCall<C> {
  /** Bytes of the body at most. */
  readonly limit: number
  /**
   * What the procedures are given. Asked before a byte of the body is read.
   * @param received gives the body's bytes as they came, once a procedure runs
   * @error anything typed
   */
  readonly context: (received: () => Uint8Array) => C | Promise<C>
}

const CATALOG: ReadonlySet<string> = new Set(ERROR_CODES)

/** What cannot be decoded, and a wrong method, are a bad request in the words of the catalog. */
async function typedDecoding<T>({ next }: { next: () => Promise<T> }): Promise<T> {
  try {
    return await next()
  } catch (error) {
    if (error instanceof ORPCError && CATALOG.has(error.code)) throw error
    throw new ORPCError('bad-request', { status: 400, message: 'bad-request' })
  }
}

/**
 * @returns what answers a request, or null when there is no such procedure
 * @throws Error when the contract does not state who may call a procedure: such a program must not start
 */
export function procedureServer<C extends Context>(
  router: ConstructorParameters<typeof RPCHandler<C>>[0],
  { prefix, refine, ...typed }: ProcedureOptions,
): (request: Request, call: ProcedureCall<C>) => Promise<Response | null> {
  requireStatedCallers(router)
  const handler = new RPCHandler<C>(router, {
    interceptors: [typedDecoding],
    clientInterceptors: [typedErrors(typed), ...(refine ? [refine] : [])],
  })
  return async (request, { limit, context }) => {
    try {
      let received: Uint8Array = new Uint8Array(0)
      const given = await context(() => received)
      const { whole, body } = await withJsonBody(request, limit)
      received = body
      const { response } = await handler.handle(whole, { prefix, context: given } as never)
      return response ?? null
    } catch (error) {
      if (!(error instanceof OutpostError)) throw error
      const status = typed.statusOf(error.code)
      const json = new ORPCError(error.code, { status, message: error.code, data: error.detail }).toJSON()
      return Response.json({ json }, { status })
    }
  }
}
