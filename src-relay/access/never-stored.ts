/** Keeps browsers from caching answers below /portal: after the end of a share its images may be in no cache (W17). */
import type { MiddlewareHandler } from 'hono'

export const neverStored: MiddlewareHandler = async (c, next) => {
  await next()
  c.res.headers.set('Cache-Control', 'no-store')
  c.res.headers.set('X-Content-Type-Options', 'nosniff')
  // An ETag only serves to validate a cached answer, and there is none.
  c.res.headers.delete('ETag')
}
