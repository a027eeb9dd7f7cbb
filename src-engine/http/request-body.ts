/** Reads bodies of requests up to a limit. Both programs read every body by these functions. */
import { isParsableShape } from '../../src-core/wire/json-shape.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'

/**
 * The whole body. A body whose stated length is too large is not read at all. A body without a stated length is read up
 * to the piece that exceeds the limit. The server closes the connection for the rest.
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
  const bytes = new Uint8Array(size)
  for (let at = 0; pieces.length > 0; ) {
    const piece = pieces.shift()!
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/**
 * The request with its body in memory. The body is JSON within the limit, in a shape that a parser can handle.
 * @param limit bytes
 * @returns the request, and the body as it was received
 * @error too-large
 * @error bad-request when the body is not JSON by its type, or nested too deep
 */
export async function withJsonBody(
  request: Request,
  limit: number,
): Promise<{ readonly requestWithBody: Request; readonly body: Uint8Array }> {
  if (request.body === null) return { requestWithBody: request, body: new Uint8Array(0) }
  const type = request.headers.get('content-type')
  if (type !== null && !/^application\/json *(;|$)/i.test(type)) throw new OutpostError('bad-request')
  const body = await readBody(request, limit)
  if (!isParsableShape(body)) throw new OutpostError('bad-request')
  const { method, headers, signal } = request
  return { requestWithBody: new Request(request.url, { method, headers, signal, body }), body }
}
