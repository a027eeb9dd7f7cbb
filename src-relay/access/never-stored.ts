/** Answers below /portal: nothing of a share stays in a browser's cache after the share has ended (W17). */
import type { MiddlewareHandler } from 'hono'

export const neverStored: MiddlewareHandler = async (c, next) => {
  await next()
  c.res.headers.set('Cache-Control', 'no-store')
  c.res.headers.set('X-Content-Type-Options', 'nosniff')
  // It serves to ask whether a stored answer still holds.
  c.res.headers.delete('ETag')
}
