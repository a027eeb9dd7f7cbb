/**
 * Serves the procedures of a contract. The body of a request is limited before it is read, and every failure is a typed
 * error.
 */
import { ORPCError, type Context } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import { ERROR_CODES, OutpostError } from '../../src-core/contract/errors.ts'
import { requireStatedCallers } from '../../src-core/permissions/called-by.ts'
import { typedErrors, type TypedErrorOptions } from '../typed-errors.ts'
import { withJsonBody } from './request-body.ts'

export interface ProcedureOptions extends TypedErrorOptions {
  /** The prefix of the procedures' addresses, such as `/api`. */
  readonly prefix: `/${string}`
  /** Makes a decoding error more specific before it becomes a typed error. */
  readonly refine?: <T>(call: { next: () => Promise<T> | T }) => Promise<T>
}

export interface ProcedureCall<C> {
  /** The maximum size of the body in bytes. */
  readonly limit: number
  /**
   * Makes the context of the procedures. It is called before the body is read.
   * @param received returns the bytes of the body as received, once a procedure runs
   * @error any typed error
   */
  readonly context: (received: () => Uint8Array) => C | Promise<C>
}

const CATALOG: ReadonlySet<string> = new Set(ERROR_CODES)

/** Converts errors of decoding, and a wrong method, to bad-request of the catalog. */
async function typedDecoding<T>({ next }: { next: () => Promise<T> }): Promise<T> {
  try {
    return await next()
  } catch (error) {
    if (error instanceof ORPCError && CATALOG.has(error.code)) throw error
    throw new ORPCError('bad-request', { status: 400, message: 'bad-request' })
  }
}

/**
 * Makes the function that answers requests for procedures.
 * @returns a function that returns null when there is no such procedure
 * @throws Error when the contract does not state who may call a procedure, because such a program must not start
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
      const callContext = await context(() => received)
      const { requestWithBody, body } = await withJsonBody(request, limit)
      received = body
      const { response } = await handler.handle(requestWithBody, { prefix, context: callContext } as never)
      return response ?? null
    } catch (error) {
      if (!(error instanceof OutpostError)) throw error
      const status = typed.statusOf(error.code)
      const json = new ORPCError(error.code, { status, message: error.code, data: error.detail }).toJSON()
      return Response.json({ json }, { status })
    }
  }
}
