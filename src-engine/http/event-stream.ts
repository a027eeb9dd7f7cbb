/** Server-sent events as text: what both programs write. @see WHATWG HTML 9.2.6 */

/** Headers of an answer that is an event stream. The last one keeps a proxy from holding events back. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const

/**
 * @param data is told as JSON, which has no line breaks
 * @param id what a client that connects again says that it has; absent: nothing can be asked again
 */
export function eventText(data: unknown, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** A line that clients pass over. It shows that the connection lives. @param words without a line break */
export function commentText(words = ''): string {
  return words === '' ? ':\n\n' : `: ${words}\n\n`
}
