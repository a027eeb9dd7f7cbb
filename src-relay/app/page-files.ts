/** Files of the built pages at /portal-assets/. */
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { PAGE_HEADERS } from './html.ts'

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.html': 'text/html; charset=utf-8', '.json': 'application/json', '.map': 'application/json',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon', '.woff2': 'font/woff2', '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json',
}

/** @param path as in the address, behind /portal-assets/ */
export async function pageFile(folder: string | undefined, path: string): Promise<Response> {
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
  return new Response(bytes, { headers: { ...PAGE_HEADERS, 'Content-Type': type, 'Content-Length': String(bytes.length), 'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache' } })
}
