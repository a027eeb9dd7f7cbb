/** Makes DICOMweb responses with their entity tags (RFC 9110 8.8.3): pictures, single parts and multipart bodies. */
import { createHash, randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { multipart, multipartLength, type Part } from './multipart.ts'

export function relatedType(type: string, boundary: string): string {
  return `multipart/related; type="${type}"; boundary=${boundary}`
}

/** The entity tag of a variant of some content. */
export function entityTag(key: string, variant: string): string {
  return `"${createHash('sha256').update(`${key}\0${variant}`).digest('base64url').slice(0, 27)}"`
}

/** Whether the client has this version already. */
export function isFresh(context: Context, tag: string): boolean {
  const tags = (context.req.header('if-none-match') ?? '').split(',')
  return tags.some((part) => part.trim().replace(/^W\//, '') === tag)
}

export function notModified(tag: string): Response {
  return new Response(null, { status: 304, headers: { etag: tag, 'cache-control': 'private, no-cache' } })
}

export function picture(bytes: Uint8Array, type: string, tag: string): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      'content-type': type,
      'content-length': String(bytes.length),
      etag: tag,
      'cache-control': 'private, no-cache',
    },
  })
}

/** One part alone, or parts in multipart/related. The length is stated when all parts are known. */
export function packed(
  context: Context,
  packing: 'multipart' | 'single',
  type: string,
  parts: readonly Part[] | AsyncIterable<Part>,
  tag: string,
): Response {
  if (isFresh(context, tag)) return notModified(tag)
  const headers: Record<string, string> = { etag: tag, 'cache-control': 'private, no-cache' }
  const knownParts = Array.isArray(parts) ? (parts as readonly Part[]) : null
  const [single] = knownParts ?? []
  if (packing === 'single' && single) {
    return new Response(single.body as Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>, {
      headers: {
        ...headers,
        'content-type': single.contentType,
        ...(single.length !== null && { 'content-length': String(single.length) }),
      },
    })
  }
  const boundary = newBoundary()
  if (knownParts) headers['content-length'] = String(multipartLength(boundary, knownParts))
  return new Response(multipart(boundary, parts as Iterable<Part>), {
    headers: { ...headers, 'content-type': relatedType(type, boundary) },
  })
}

export function newBoundary(): string {
  return `outpost-${randomUUID()}`
}
