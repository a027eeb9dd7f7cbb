/**
 * GET /s/<token>: the page that opens an exam, or a plain page with status 404. GET and HEAD change nothing, so that a
 * mail scanner which follows the link uses nothing up.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { html } from 'hono/html'
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import type { Language } from '../../src-core/contract/identifiers.ts'
import { formatTemplate } from '../../src-core/messages/format-template.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { PAGE_HEADERS, plainPage, type Markup } from '../http/html.ts'
import { loadRelayCatalog } from '../notices/relay-catalog.ts'
import { grantOfToken } from '../access/grants.ts'

/**
 * Unknown, mistyped and withdrawn links get the same answer, byte for byte. The answer to an expired link says that it
 * expired and gives the contact, because only a person who was sent the link has it.
 */
export async function linkPage(relay: RelayContext, token: string): Promise<Response> {
  try {
    const { language } = await grantOfToken(relay, token)
    return await portalPage(relay, language)
  } catch (error) {
    if (codeOf(error) === 'link-expired' && error instanceof OutpostError) return expiredPage(relay, error.detail)
    if (codeOf(error) !== 'link-unknown') throw error
    const texts = await loadRelayCatalog(relay.config.messagesFolder, 'en')
    return htmlPage(404, 'en', texts.notFoundTitle, html`<h1>${texts.notFoundTitle}</h1><p>${texts.notFoundText}</p>`)
  }
}

async function expiredPage(relay: RelayContext, detail: OutpostError['detail']): Promise<Response> {
  const language = String(detail['language']) as Language
  const texts = await loadRelayCatalog(relay.config.messagesFolder, language)
  const values = {
    department: String(detail['department']),
    organisation: String(detail['organisation']),
    contact: String(detail['contact']),
  }
  return htmlPage(
    404,
    language,
    texts.expiredTitle,
    html`<h1>${texts.expiredTitle}</h1>
      <p>${formatTemplate(texts.expiredText, values)}</p>
      <p>${formatTemplate(texts.expiredContact, values)}</p>`,
  )
}

/** The built page of recipients. It is the same file for every grant; its script gets the data by POST. */
async function portalPage(relay: RelayContext, language: Language): Promise<Response> {
  const { pageFolder, messagesFolder } = relay.config
  const builtPage = pageFolder === undefined ? null : await readFile(join(pageFolder, 'index.html')).catch(() => null)
  if (builtPage !== null)
    return new Response(builtPage, {
      headers: { ...PAGE_HEADERS, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
    })
  const texts = await loadRelayCatalog(messagesFolder, language)
  return htmlPage(503, language, 'Outpost', html`<p>${texts.noPages}</p>`)
}

async function htmlPage(status: number, language: string, title: string, body: Markup): Promise<Response> {
  return new Response(String(await plainPage(language, title, body)), {
    status,
    headers: { ...PAGE_HEADERS, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
  })
}
