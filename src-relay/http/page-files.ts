/** Files of the built pages at /portal-assets/. */
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { takesGzip } from '../../src-engine/dicomweb/accept.ts'
import { PAGE_HEADERS } from './html.ts'

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

const COMPRESSIBLE = new Set(['.js', '.css', '.html', '.json', '.svg', '.wasm'])
const zipped = promisify(gzip)
/** Compressed once: what Vite named by content never changes, and there are few. */
const compressed = new Map<string, Uint8Array<ArrayBuffer>>()
const MOST_KEPT = 64

/**
 * @param path as in the address, behind /portal-assets/
 * @param acceptEncoding the request's header: a recipient on a slow line waits for the programs before the first image
 */
export async function pageFile(
  folder: string | undefined,
  path: string,
  acceptEncoding?: string | null,
): Promise<Response> {
  const notFound = (): Response => Response.json({ code: 'not-found' }, { status: 404 })
  const type = TYPES[extname(path)]
  if (folder === undefined || type === undefined) return notFound()
  const root = await realpath(resolve(folder)).catch(() => null)
  const file = root === null ? null : await realpath(join(root, path)).catch(() => null)
  if (root === null || file === null || !file.startsWith(root + sep)) return notFound()
  const bytes = await readFile(file).catch(() => null)
  if (bytes === null) return notFound()
  // Vite names what it builds by content; such a file never changes.
  const hashed = /-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/.test(path)
  const headers = {
    ...PAGE_HEADERS,
    'Content-Type': type,
    'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    Vary: 'Accept-Encoding',
  }
  if (!COMPRESSIBLE.has(extname(path)) || !takesGzip(acceptEncoding))
    return new Response(bytes, { headers: { ...headers, 'Content-Length': String(bytes.length) } })
  const known = hashed ? compressed.get(file) : undefined
  const packed = known ?? new Uint8Array(await zipped(bytes, { level: 9 }))
  if (hashed && compressed.size < MOST_KEPT) compressed.set(file, packed)
  return new Response(packed, {
    headers: { ...headers, 'Content-Encoding': 'gzip', 'Content-Length': String(packed.length) },
  })
}
