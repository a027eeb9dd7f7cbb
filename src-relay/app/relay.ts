/** The relay: one fetch handler over its database and its objects. */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Hono } from 'hono'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { leaveDemonstrationCode } from '../directory/enrolment.ts'
import { applySeed } from '../directory/seed.ts'
import { openFeed } from '../shares/feed.ts'
import { openDatabase } from '../storage/database.ts'
import { startEmbeddedPostgres } from '../storage/embedded-postgres.ts'
import { openFolderObjects } from '../storage/folder-objects.ts'
import { tusUploads } from '../uploads/tus.ts'
import { workstationApi } from './api.ts'
import type { RelayConfig, RelayContext } from './config.ts'
import { openRelayKeys } from './keys.ts'
import { statusOf } from './rpc-errors.ts'

export interface Relay {
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

/** What a demonstration's code is left in, inside the folder of the embedded database. */
export const DEMONSTRATION_CODE_FILE = 'enrolment-code'

/**
 * Starts a relay. Everything it acknowledges is on disk; nothing it needs is kept in the process.
 * @error data-folder-in-use, data-from-newer-version
 */
export async function createRelay(config: RelayConfig): Promise<Relay> {
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const embedded = 'embedded' in config.database ? await startEmbeddedPostgres(config.database.embedded) : null
    if (embedded !== null) closing.push(() => embedded.close())
    const database = await openDatabase('url' in config.database ? config.database.url : embedded?.url ?? '')
    closing.push(() => database.close())
    const keysFile = config.keysFile ?? join('embedded' in config.database ? config.database.embedded : dirname(config.objects.folder), 'relay-keys.json')
    await mkdir(dirname(keysFile), { recursive: true })
    const relay: RelayContext = {
      config, db: database.db, pool: database.pool, objects: await openFolderObjects(config.objects.folder),
      keys: await openRelayKeys(keysFile), now: config.now ?? (() => new Date()),
    }
    if (config.seed !== undefined) await applySeed(relay, config.seed, dirname(keysFile))
    if (config.demonstration === true && 'embedded' in config.database) await leaveDemonstrationCode(relay, join(config.database.embedded, DEMONSTRATION_CODE_FILE))
    const feed = await openFeed(relay)
    closing.push(() => feed.close())
    const app = routes(relay, request => feed.serve(request))
    return { fetch: async request => app.fetch(request), close }
  } catch (error) {
    await close()
    throw error
  }
}

function routes(relay: RelayContext, serveFeed: (request: Request) => Promise<Response>): Hono {
  const app = new Hono()
  const api = workstationApi(relay)
  app.onError((error, c) => {
    const code = error instanceof OutpostError ? error.code : 'internal'
    return c.json({ code }, statusOf(code) as 400)
  })
  app.notFound(c => c.json({ code: 'not-found' }, 404))
  app.get('/health', async c => {
    await relay.db.selectNoFrom(expression => expression.lit(1).as('one')).execute()
    return c.json({ ok: true })
  })
  app.route('/uploads', tusUploads(relay))
  app.all('/api/*', async c => await api(c.req.raw) ?? c.json({ code: 'not-found' }, 404))
  app.get('/feed', c => serveFeed(c.req.raw))
  return app
}
