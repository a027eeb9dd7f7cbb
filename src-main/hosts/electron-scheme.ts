/**
 * Adds what Electron's protocol.handle lacks: an abort signal for when the page is closed, and request bodies that are
 * safe to keep.
 */
import type * as Electron from 'electron'

export const SCHEME = 'outpost'
export const ORIGIN = `${SCHEME}://app`
/** Whether an address belongs to our own page. Node's URL has no origin for custom schemes. */
export function isOurs(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && url.protocol === `${SCHEME}:` && url.host === 'app'
}

const LARGEST_BODY = 32 * 2 ** 20

const plain = (status: number, code: string) =>
  new Response(JSON.stringify({ code }), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  })

/**
 * The body as one array of bytes. It is null when it arrived in several chunks: the buffers of a streamed body are
 * reused while it is read.
 */
async function wholeBody(request: Request): Promise<Uint8Array<ArrayBuffer> | null | 'too-large'> {
  let body: Uint8Array<ArrayBuffer> | null = null
  const reader = request.body!.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return body ?? new Uint8Array()
    if (body !== null) {
      await reader.cancel().catch(() => {})
      return null
    }
    if (value.byteLength > LARGEST_BODY) return 'too-large'
    body = new Uint8Array(value)
  }
}

/**
 * Mounts the handler on outpost://app of one session. Requests of other origins are refused. When a page cancels a
 * response or is closed, the signal of the handler's request is aborted.
 */
export function mountOnScheme(protocol: Electron.Protocol, handler: (request: Request) => Promise<Response>): void {
  protocol.handle(SCHEME, async (incoming) => {
    const url = new URL(incoming.url)
    if (url.host !== 'app') return plain(404, 'not-found')
    const from = incoming.headers.get('origin')
    if (from !== null && from !== ORIGIN && from !== 'null') return plain(403, 'wrong-origin')
    const controller = new AbortController()
    let body: Uint8Array<ArrayBuffer> | null = null
    if (incoming.body !== null && incoming.method !== 'GET' && incoming.method !== 'HEAD') {
      const bytes = await wholeBody(incoming)
      if (bytes === null) return plain(411, 'bad-request')
      if (bytes === 'too-large') return plain(413, 'too-large')
      body = bytes
    }
    let response: Response
    try {
      response = await handler(
        new Request(incoming.url, {
          method: incoming.method,
          headers: incoming.headers,
          body,
          signal: controller.signal,
        }),
      )
    } catch {
      return plain(500, 'internal')
    }
    if (response.body === null) return response
    const reader = response.body.getReader()
    const linked = new ReadableStream<Uint8Array>(
      {
        async pull(stream) {
          const { done, value } = await reader.read()
          if (done) stream.close()
          else stream.enqueue(value)
        },
        async cancel(reason) {
          controller.abort()
          await reader.cancel(reason).catch(() => {})
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(linked, { status: response.status, statusText: response.statusText, headers: response.headers })
  })
}
