/**
 * Serves the built page: a file of one folder for its name, and index.html for every other path. Its content security
 * policy allows no outside sources.
 */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/** Scripts may set styles, because the component library does so; scripts may not be inline or from elsewhere. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "frame-src 'self' blob:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const headers = (type: string, cache: string) => ({
  'content-type': type,
  'cache-control': cache,
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
})

export async function servePage(pageFolder: string, request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
  const { pathname } = new URL(request.url)
  let name: string
  try {
    name = normalize(decodeURIComponent(pathname)).replace(/^[/\\]+/, '')
  } catch {
    return new Response(null, { status: 400 })
  }
  const file = join(pageFolder, name)
  if (name.includes('\0') || !(file + sep).startsWith(join(pageFolder, sep))) return new Response(null, { status: 404 })
  const extension = extname(name)
  if (extension in types && extension !== '.html') {
    const bytes = await readFile(file).catch(() => null)
    if (bytes === null) return new Response(null, { status: 404 })
    // The names of built files contain a hash of their content, so that a browser may keep them for good.
    return new Response(request.method === 'HEAD' ? null : bytes, {
      headers: headers(
        types[extension]!,
        /-[\w-]{8,}\.\w+$/.test(name) ? 'private, max-age=31536000, immutable' : 'no-cache',
      ),
    })
  }
  const index = await readFile(join(pageFolder, 'index.html')).catch(() => null)
  if (index === null)
    return new Response('The page has not been built. Run: npm run build', {
      status: 503,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
  return new Response(request.method === 'HEAD' ? null : index, { headers: headers(types['.html']!, 'no-cache') })
}
