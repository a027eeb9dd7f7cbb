/** Serves the files of the built pages at /portal-assets/. */
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { takesGzip } from '../../src-engine/dicomweb/accept.ts'
import { PAGE_HEADERS } from './html.ts'

const CONTENT_TYPES: Record<string, string> = {
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
const compress = promisify(gzip)
/** Files whose name contains a hash of their content never change, so that each is compressed once. */
const compressedFiles = new Map<string, Uint8Array<ArrayBuffer>>()
const MAX_COMPRESSED_FILES = 64

/**
 * @param path the part of the address after /portal-assets/
 * @param acceptEncoding the request's header; compression matters because the scripts load before the first image
 */
export async function pageFile(
  folder: string | undefined,
  path: string,
  acceptEncoding?: string | null,
): Promise<Response> {
  const notFound = (): Response => Response.json({ code: 'not-found' }, { status: 404 })
  const type = CONTENT_TYPES[extname(path)]
  if (folder === undefined || type === undefined) return notFound()
  const root = await realpath(resolve(folder)).catch(() => null)
  const file = root === null ? null : await realpath(join(root, path)).catch(() => null)
  if (root === null || file === null || !file.startsWith(root + sep)) return notFound()
  const bytes = await readFile(file).catch(() => null)
  if (bytes === null) return notFound()
  // Vite puts a hash of the content into the names of the files that it builds.
  const hasHashInName = /-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/.test(path)
  const headers = {
    ...PAGE_HEADERS,
    'Content-Type': type,
    'Cache-Control': hasHashInName ? 'public, max-age=31536000, immutable' : 'no-cache',
    Vary: 'Accept-Encoding',
  }
  if (!COMPRESSIBLE.has(extname(path)) || !takesGzip(acceptEncoding))
    return new Response(bytes, { headers: { ...headers, 'Content-Length': String(bytes.length) } })
  const existing = hasHashInName ? compressedFiles.get(file) : undefined
  const compressed = existing ?? new Uint8Array(await compress(bytes, { level: 9 }))
  if (hasHashInName && compressedFiles.size < MAX_COMPRESSED_FILES) compressedFiles.set(file, compressed)
  return new Response(compressed, {
    headers: { ...headers, 'Content-Encoding': 'gzip', 'Content-Length': String(compressed.length) },
  })
}
