/** Sends text messages by an HTTP gateway. */
import type { OpenChannel, TextGateway } from '../../ports/channels.ts'
import { configuredChannel } from './channel.ts'

function openTextGateway({ url, token }: TextGateway): OpenChannel {
  return {
    async send({ messageId, to, text }) {
      const response = await fetch(url, {
        method: 'POST',
        body: JSON.stringify({ to: to.address, text, id: messageId }),
        redirect: 'error',
        signal: AbortSignal.timeout(15_000),
        headers: {
          'Content-Type': 'application/json',
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        },
      }).catch(() => null)
      await response?.body?.cancel()
      if (response?.ok === true) return { kind: 'taken' }
      const isFinal =
        response !== null &&
        response.status >= 400 &&
        response.status < 500 &&
        response.status !== 408 &&
        response.status !== 429
      return isFinal ? { kind: 'refused', reason: `gateway-${response.status}` } : { kind: 'later' }
    },
    close() {},
  }
}

export const textGateway = configuredChannel(
  {
    address: ({ mobile }) => mobile,
    missingAddressReason: 'recipient-without-mobile',
    unreachableReason: 'text-gateway-unreachable',
  },
  (config) => config.sms,
  openTextGateway,
)
