/** The routes of DICOMweb for pictures: rendered frames and thumbnails (PS3.18 10.4). */
import type { Context, Hono } from 'hono'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Imaging, InstanceSource } from '../imaging.ts'
import { chooseType } from './accept.ts'
import { problem } from './problem.ts'
import { renderingOf } from './rendered-query.ts'
import { acceptOf, instanceOf, queryOf, singleFrame, uidOf, type SourceOfRequest } from './request.ts'
import { entityTag, isFresh, notModified, picture } from './response.ts'
import { firstValue, middleFrame } from './row-values.ts'
import { contentKey } from './stored-instance.ts'
import type { ThumbnailCache } from './thumbnails.ts'

const THUMBNAIL_SIDE = 256

export function addRenderedRoutes(app: Hono, source: SourceOfRequest, imaging: Imaging): void {
  const rendered = async (context: Context, frame: number): Promise<Response> => {
    const type = chooseType(acceptOf(context), ['image/jpeg', 'image/png'])
    if (!type) return problem('not-acceptable')
    const rendering = renderingOf(queryOf(context))
    const instance = await instanceOf(context, source)
    const tag = entityTag(await contentKey(instance), `rendered:${type}:${frame}:${JSON.stringify(rendering)}`)
    if (isFresh(context, tag)) return notModified(tag)
    const { bytes } = await imaging.render(
      instance,
      { frame, format: type === 'image/png' ? 'png' : 'jpeg', ...rendering },
      { signal: context.req.raw.signal },
    )
    return picture(bytes, type, tag)
  }
  app.get('/studies/:study/series/:series/instances/:instance/rendered', (context) => rendered(context, 1))
  app.get('/studies/:study/series/:series/instances/:instance/frames/:frames/rendered', (context) =>
    rendered(context, singleFrame(context)),
  )
}

export function addThumbnailRoutes(
  app: Hono,
  source: SourceOfRequest,
  imaging: Imaging,
  thumbnails: ThumbnailCache,
): void {
  const thumbnail = async (context: Context, instance: InstanceSource, frame: number): Promise<Response> => {
    if (!chooseType(acceptOf(context), ['image/jpeg'])) return problem('not-acceptable')
    const { viewport = { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE } } = renderingOf(queryOf(context))
    const key = `thumbnail:${await contentKey(instance)}:${frame}:${viewport.width}x${viewport.height}`
    const tag = entityTag(key, '')
    if (isFresh(context, tag)) return notModified(tag)
    // The work is not cancelled with this request, because another request may wait for the same picture.
    const bytes = await thumbnails.get(
      key,
      async () => (await imaging.render(instance, { frame, format: 'jpeg', quality: 85, viewport })).bytes,
    )
    return picture(bytes, 'image/jpeg', tag)
  }
  /** The thumbnail of a study or a series shows the middle image of it. */
  const cover = async (context: Context, series: string | null): Promise<Response> => {
    const store = await source(context.req.raw)
    const rows = await store.instances(uidOf(context, 'study'), series, new URLSearchParams())
    // Reports and presentation states are left out, because they show no image. They have no Rows.
    const images = rows.filter((row) => firstValue(row, '00280010') !== '')
    const candidates = images.length > 0 ? images : rows
    const row = candidates[Math.floor((candidates.length - 1) / 2)]
    if (!row) throw new OutpostError(series ? 'series-not-found' : 'study-not-found')
    const SeriesInstanceUID = firstValue(row, '0020000E') || (series ?? '')
    const instance = await store.instance(uidOf(context, 'study'), SeriesInstanceUID, firstValue(row, '00080018'))
    return thumbnail(context, instance, middleFrame(row))
  }
  app.get('/studies/:study/series/:series/instances/:instance/frames/:frames/thumbnail', async (context) =>
    thumbnail(context, await instanceOf(context, source), singleFrame(context)),
  )
  app.get('/studies/:study/series/:series/instances/:instance/thumbnail', async (context) => {
    const store = await source(context.req.raw)
    const uids = [uidOf(context, 'study'), uidOf(context, 'series'), uidOf(context, 'instance')] as const
    const [row] = await store.metadata(...uids)
    return thumbnail(context, await store.instance(...uids), middleFrame(row))
  })
  app.get('/studies/:study/thumbnail', (context) => cover(context, null))
  app.get('/studies/:study/series/:series/thumbnail', (context) => cover(context, uidOf(context, 'series')))
}
