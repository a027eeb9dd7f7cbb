/** Text messages by an HTTP gateway. */
import type { Outcome, TextGateway, TextMessage } from '../ports/channels.ts'

export function textGatewayChannel({ url, token }: TextGateway): (message: TextMessage) => Promise<Outcome> {
  return async ({ messageId, to, text }) => {
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify({ to, text, id: messageId }),
      redirect: 'error',
      signal: AbortSignal.timeout(15_000),
      headers: { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
    }).catch(() => null)
    await response?.body?.cancel()
    if (response?.ok === true) return { kind: 'taken' }
    const final =
      response !== null &&
      response.status >= 400 &&
      response.status < 500 &&
      response.status !== 408 &&
      response.status !== 429
    return final ? { kind: 'refused', reason: `gateway-${response.status}` } : { kind: 'later' }
  }
}
