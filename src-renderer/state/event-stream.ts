/**
 * Reads server-sent events (WHATWG HTML 9.2) with fetch, because EventSource cannot send a header. It supports only
 * what the workstation sends: the data of messages.
 */
import { requestHeaders } from '../../src-ui/request-headers.ts'

export interface EventStream {
  readonly open: boolean
  /** Whether the stream has ended. */
  readonly ended: boolean
  close(): void
}

/** @param onData receives the data of one message, its lines joined */
export function openEventStream(
  url: string,
  on: { readonly data: (text: string) => void; readonly open: () => void; readonly end: () => void },
): EventStream {
  const controller = new AbortController()
  const state = { open: false, ended: false }
  const read = async (): Promise<void> => {
    const response = await fetch(url, { headers: requestHeaders(), signal: controller.signal, cache: 'no-store' })
    if (!response.ok || response.body === null) return
    state.open = true
    on.open()
    let text = ''
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + piece).split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) {
        const lines = block.split('\n').filter((line) => line.startsWith('data:'))
        if (lines.length > 0) on.data(lines.map((line) => line.slice('data:'.length).trimStart()).join('\n'))
      }
    }
  }
  void read()
    .catch(() => {})
    .finally(() => {
      state.open = false
      state.ended = true
      if (!controller.signal.aborted) on.end()
    })
  return {
    get open() {
      return state.open
    },
    get ended() {
      return state.ended
    },
    close: () => controller.abort(),
  }
}
