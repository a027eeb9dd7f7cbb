/** Plain HTML pages without scripts. Every value is escaped, so that text cannot become markup. */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** The headers of every page: they forbid foreign content and frames, and hide a link's address from other sites. */
export const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'wasm-unsafe-eval'; " +
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; " +
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  'X-Robots-Tag': 'noindex, nofollow',
} as const

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>

export function plainPage(language: string, title: string, body: Markup): Markup {
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark }
body { font: 1.0625rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 42rem; padding: 2rem 1.25rem }
h1 { font-size: 1.5rem }
article { border: 1px solid #8888; border-radius: .5rem; margin: 1rem 0; padding: 0 1rem }
pre { font: inherit; overflow-wrap: anywhere; white-space: pre-wrap }
dt { font-weight: 600 } dd { margin: 0 0 .5rem }
</style>
</head>
<body><main>${body}</main></body>
</html>
`
}
