/** Bodies of requests, read only as far as their limit. Both programs read every body here. */
import { isParsableShape } from '../../src-core/wire/json-shape.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'

/**
 * The whole body. Nothing is read of a body that announces itself as too long; of one that does not say its length, no
 * piece after the one that is too much. What remains is left to the server, which closes the connection.
 * @param limit bytes
 * @error too-large
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw new OutpostError('too-large')
  const pieces: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    size += next.value.length
    if (size > limit) throw new OutpostError('too-large')
    pieces.push(next.value)
  }
  const whole = new Uint8Array(size)
  for (let at = 0; pieces.length > 0; ) {
    const piece = pieces.shift()!
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/**
 * The same request with its body at hand: JSON within the limit, and in a shape that a parser can be given.
 * @param limit bytes
 * @returns the request, and the body as it was received
 * @error too-large
 * @error bad-request when the body is not JSON by its type, or nested too deep
 */
export async function withJsonBody(
  request: Request,
  limit: number,
): Promise<{ readonly whole: Request; readonly body: Uint8Array }> {
  if (request.body === null) return { whole: request, body: new Uint8Array(0) }
  const type = request.headers.get('content-type')
  if (type !== null && !/^application\/json *(;|$)/i.test(type)) throw new OutpostError('bad-request')
  const body = await readBody(request, limit)
  if (!isParsableShape(body)) throw new OutpostError('bad-request')
  const { method, headers, signal } = request
  return { whole: new Request(request.url, { method, headers, signal, body }), body }
}
