/** Streams multipart/related bodies (RFC 2387, PS3.18 8.6.1.2). */
import { ReadableStream as StreamOfNode } from 'node:stream/web'

export interface Part {
  readonly contentType: string
  /** The length of the body in bytes; null when it is unknown. */
  readonly length: number | null
  readonly body: Uint8Array | ReadableStream<Uint8Array>
}

/** A body with these parts in order. A part is requested after the one before was sent. */
export function multipart(boundary: string, parts: AsyncIterable<Part> | Iterable<Part>): ReadableStream<Uint8Array> {
  return StreamOfNode.from(bytesOf(boundary, parts)) as unknown as ReadableStream<Uint8Array>
}

async function* bytesOf(boundary: string, parts: AsyncIterable<Part> | Iterable<Part>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const part of parts) {
    yield encoder.encode(headOf(boundary, part))
    if (part.body instanceof Uint8Array) yield part.body
    else yield* part.body as unknown as AsyncIterable<Uint8Array>
    yield encoder.encode('\r\n')
  }
  yield encoder.encode(`--${boundary}--\r\n`)
}

function headOf(boundary: string, part: Part): string {
  const length = part.length === null ? '' : `Content-Length: ${part.length}\r\n`
  return `--${boundary}\r\nContent-Type: ${part.contentType}\r\n${length}\r\n`
}

/** The length of a whole body whose parts have known lengths. */
export function multipartLength(boundary: string, parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + headOf(boundary, part).length + (part.length ?? 0) + 2, boundary.length + 6)
}
