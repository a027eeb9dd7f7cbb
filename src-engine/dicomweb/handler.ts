/**
 * DICOMweb over any store of instances: QIDO-RS, and WADO-RS for metadata, instances, frames, rendered pictures and
 * thumbnails (PS3.18 10.4, 10.6).
 */
import { Hono } from 'hono'
import type { Imaging } from '../imaging.ts'
import { addInstanceRoutes } from './instance-routes.ts'
import { addMetadataRoutes } from './metadata-routes.ts'
import { addRenderedRoutes, addThumbnailRoutes } from './picture-routes.ts'
import { problem, problemOf } from './problem.ts'
import type { SourceOfRequest } from './request.ts'
import { thumbnailCache } from './thumbnails.ts'

export interface DicomWebOptions {
  readonly source: SourceOfRequest
  readonly imaging: Imaging
  /** The folder of the thumbnail cache; absent: thumbnails are not kept. */
  readonly cacheFolder?: string
}

/** The routes begin with /studies, and the caller mounts them at its own path. They accept GET and HEAD only. */
export function dicomweb({ source, imaging, cacheFolder }: DicomWebOptions): Hono {
  const app = new Hono()
  app.onError((error) => problemOf(error))
  app.notFound(() => problem('not-found'))
  addMetadataRoutes(app, source)
  addInstanceRoutes(app, source, imaging)
  addRenderedRoutes(app, source, imaging)
  addThumbnailRoutes(app, source, imaging, thumbnailCache(cacheFolder))
  return app
}
