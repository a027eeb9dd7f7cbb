/**
 * Opens the workstation in this tab. Its browser host exchanges the token of an address for a secret, which is kept for
 * the tab: unlike a cookie it never leaves this origin, port included. The window of the Electron program needs
 * neither.
 */
import { sendWithEveryRequest } from '../../src-ui/request-headers.ts'

const KEY = 'outpost-secret'

const tokenOfAddress = (): string | null => new URLSearchParams(location.hash.slice(1)).get('token')

async function secretFor(token: string): Promise<string | null> {
  const answer = await fetch('/open', { method: 'POST', headers: { 'x-outpost-token': token } }).catch(() => null)
  if (answer === null || !answer.ok) return null
  const { secret } = (await answer.json()) as { secret?: unknown }
  return typeof secret === 'string' ? secret : null
}

export async function openWorkstation(): Promise<void> {
  // When an address is typed in an open tab, only its fragment changes, and the browser does not load the page.
  window.addEventListener('hashchange', () => {
    if (tokenOfAddress() !== null) location.reload()
  })
  const token = tokenOfAddress()
  if (token !== null) {
    // The token works once, and must not remain in an address that a person copies or saves.
    history.replaceState(null, '', location.pathname)
    const secret = await secretFor(token)
    if (secret !== null) sessionStorage.setItem(KEY, secret)
  }
  const secret = sessionStorage.getItem(KEY)
  if (secret !== null) sendWithEveryRequest({ 'x-outpost-secret': secret })
}
