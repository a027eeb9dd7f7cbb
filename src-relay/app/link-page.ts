/**
 * GET /s/<token>: the page that opens an exam, or the plain 404. GET and HEAD change nothing, so no mail scanner can
 * use anything up.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { html } from 'hono/html'
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import type { Language } from '../../src-core/contract/identifiers.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { PAGE_HEADERS, plainPage, type Markup } from '../http/html.ts'
import { catalog, fill } from '../notices/catalog.ts'
import { grantOfToken } from '../access/grants.ts'

/**
 * Unknown, mistyped and withdrawn links answer alike, byte for byte. An expired one says so, and whom to ask: only who
 * holds a genuine
 * link learns that.
 */
export async function linkPage(relay: RelayContext, token: string): Promise<Response> {
  try {
    const { language } = await grantOfToken(relay, token)
    return await portalPage(relay, language)
  } catch (error) {
    if (codeOf(error) === 'link-expired' && error instanceof OutpostError) return expiredPage(relay, error.detail)
    if (codeOf(error) !== 'link-unknown') throw error
    const texts = await catalog(relay.config.messagesFolder, 'en', 'relay')
    return page(
      404,
      'en',
      texts['notFoundTitle'] ?? '',
      html`<h1>${texts['notFoundTitle']}</h1><p>${texts['notFoundText']}</p>`,
    )
  }
}

async function expiredPage(relay: RelayContext, detail: OutpostError['detail']): Promise<Response> {
  const language = String(detail['language']) as Language
  const texts = await catalog(relay.config.messagesFolder, language, 'relay')
  const values = {
    department: String(detail['department']),
    organisation: String(detail['organisation']),
    contact: String(detail['contact']),
  }
  return page(
    404,
    language,
    texts['expiredTitle'] ?? '',
    html`<h1>${texts['expiredTitle']}</h1>
      <p>${fill(texts['expiredText'], values)}</p>
      <p>${fill(texts['expiredContact'], values)}</p>`,
  )
}

/** The one built page: it holds nothing of the grant, and asks by POST. */
async function portalPage(relay: RelayContext, language: Language): Promise<Response> {
  const { pageFolder, messagesFolder } = relay.config
  const built = pageFolder === undefined ? null : await readFile(join(pageFolder, 'index.html')).catch(() => null)
  if (built !== null)
    return new Response(built, {
      headers: { ...PAGE_HEADERS, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
    })
  const texts = await catalog(messagesFolder, language, 'relay')
  return page(503, language, 'Outpost', html`<p>${texts['noPages']}</p>`)
}

async function page(status: number, language: string, title: string, body: Markup): Promise<Response> {
  return new Response(String(await plainPage(language, title, body)), {
    status,
    headers: { ...PAGE_HEADERS, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
  })
}
