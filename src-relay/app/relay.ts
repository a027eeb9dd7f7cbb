/** The relay: one fetch handler over its database and its objects. */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Hono } from 'hono'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { guarded } from '../../src-engine/http/guard.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { administratorHere } from '../audit/administrator.ts'
import { record } from '../audit/relay-log.ts'
import { openSequencer } from '../audit/sequencer.ts'
import { acceptRestoredLog } from '../audit/workstation-heads.ts'
import { issueEnrolmentCode, leaveDemonstrationCode, revokeWorkstation } from '../directory/enrolment.ts'
import { applySeed } from '../directory/seed.ts'
import { openFeed } from '../feed/feed.ts'
import { openGrantEndings } from '../feed/grant-endings.ts'
import { linkPage } from './link-page.ts'
import { openGrants, type OpenGrants } from '../access/open-grants.ts'
import { neverStored } from '../access/never-stored.ts'
import { portalApi } from './portal-api.ts'
import { purgeSessions } from '../access/sessions.ts'
import { grantedDicomWeb, grantedDownload } from '../dicomweb/granted-images.ts'
import { deliverNotice } from '../notices/deliver.ts'
import { openJobs } from '../notices/jobs.ts'
import { hasEmbeddedOutbox, openChannels } from '../notices/open-channels.ts'
import { outboxPage } from '../notices/outbox-page.ts'
import { expireDueShares } from '../shares/expire-due.ts'
import { removeEndedPackages } from '../shares/remove-ended.ts'
import { shareOfConnections } from '../storage/connections.ts'
import { databaseFailure, openDatabase } from '../storage/database.ts'
import { openEraser } from '../storage/open-eraser.ts'
import { startEmbeddedPostgres } from '../storage/embedded-postgres.ts'
import { openFolderObjects } from '../storage/folder-objects.ts'
import { openNotifications } from '../storage/listen.ts'
import { purgeAbandonedUploads } from '../uploads/purge-uploads.ts'
import { tusUploads } from '../uploads/tus.ts'
import { workstationApi } from './api.ts'
import type { RelayConfig, RelayContext } from '../ports/relay-context.ts'
import { failureLine } from '../../src-engine/failure-line.ts'
import { openRelayKeys } from '../sealing/relay-keys.ts'
import { checkOrganisationKeys } from './organisation-keys.ts'
import { pageFile } from '../http/page-files.ts'
import { isFromThisMachine, UNKNOWN_PEER, type Peer } from '../callers/peer.ts'
import { statusOf } from '../http/rpc-errors.ts'

export interface Relay {
  /** @param peer who asks; absent: nobody is known, which is never this machine */
  fetch(request: Request, peer?: Peer): Promise<Response>
  /** Every route, so that a test of all of them forgets none. A path of procedures ends with an asterisk. */
  readonly routes: readonly Route[]
  /** What an administrator of the relay does, on its own machine. */
  readonly administration: Administration
  close(): Promise<void>
}

export interface Route {
  readonly method: string
  readonly path: string
}

export interface Administration {
  /** @error not-found */
  revokeWorkstation(workstationId: string): Promise<void>
  /** Takes a workstation's log as it is, after its ledger was restored from a backup. @error not-found no alarm */
  acceptRestoredLog(workstationId: string): Promise<void>
  /** A one-time code to enrol by, for a day; see directory/enrolment.ts. */
  issueEnrolmentCode(departmentId: string, slot: string): Promise<string>
  /** Ends what is due without waiting for the next minute. @returns how many shares ended */
  expireDueShares(): Promise<number>
  /** Removes uploads that nobody went on with for a week without waiting for the night. @returns how many */
  purgeAbandonedUploads(): Promise<number>
  /** Removes the images of ended packages without waiting for the next hour. @returns of how many packages */
  removeEnded(): Promise<number>
  /** Erases what endings destroyed from the files of the embedded database without waiting for it to happen. */
  eraseDestroyed(): Promise<void>
}

/** What a demonstration's code is left in, inside the folder of the embedded database. */
export const DEMONSTRATION_CODE_FILE = 'enrolment-code'

/**
 * Starts a relay. Everything it acknowledges is on disk; nothing it needs is kept in the process.
 * @error data-folder-in-use, data-from-newer-version, organisation-key-on-relay, organisation-recipient-missing
 */
export async function createRelay(config: RelayConfig): Promise<Relay> {
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  const logged = (where: string) => (error: Error) => config.log?.(failureLine(where, error))
  try {
    const embedded = 'embedded' in config.database ? await startEmbeddedPostgres(config.database.embedded) : null
    if (embedded !== null) closing.push(() => embedded.close())
    const url = 'url' in config.database ? config.database.url : (embedded?.url ?? '')
    const connections = shareOfConnections(config.connections)
    const database = await openDatabase(url, connections, logged('database connection'))
    closing.push(() => database.close())
    const notifications = await openNotifications(database.pool)
    closing.push(() => notifications.close())
    const sequencer = await openSequencer({ db: database.db, notifications, config })
    closing.push(() => sequencer.close())
    const endings = await openGrantEndings(notifications)
    const eraser = await openEraser(database.pool, embedded !== null, config.log)
    closing.push(() => eraser.close())
    endings.subscribe(() => eraser.request())
    const jobs = await openJobs(url, {
      retrySeconds: config.retrySeconds ?? 30,
      alone: embedded !== null,
      connections: connections.jobs,
      onError: logged('job queue'),
    })
    closing.push(() => jobs.close())
    const keysFile =
      config.keysFile ??
      join('embedded' in config.database ? config.database.embedded : dirname(config.objects.folder), 'relay-keys.json')
    await mkdir(dirname(keysFile), { recursive: true })
    await checkOrganisationKeys(config, keysFile)
    const relay: RelayContext = {
      config,
      db: database.db,
      pool: database.pool,
      lockPool: database.lockPool,
      objects: await openFolderObjects(config.objects.folder, config.objects.freeBytes),
      keys: await openRelayKeys(keysFile),
      now: config.now ?? (() => new Date()),
      jobs,
      endings,
      notifications,
    }
    await recordStart(relay)
    if (config.seed !== undefined) await applySeed(relay, config.seed)
    if (config.demonstration === true && 'embedded' in config.database)
      await leaveDemonstrationCode(relay, join(config.database.embedded, DEMONSTRATION_CODE_FILE))
    const feed = await openFeed(relay)
    closing.push(() => feed.close())
    const channels = openChannels(relay)
    closing.push(() => Promise.resolve(channels.close()))
    const grants = openGrants(relay)
    closing.push(() => Promise.resolve(grants.close()))
    const imaging = config.imaging ?? createImaging({ files: 'none' })
    if (config.imaging === undefined) closing.push(() => imaging.close())
    await jobs.start({
      deliver: (noticeId, last) => deliverNotice(relay, channels, noticeId, last),
      expire: async () => void (await expireDueShares(relay)),
      purge: async () => void (await purgeAbandonedUploads(relay)),
      removeEnded: () => removeEnded(relay),
    })
    const app = routes(relay, { serveFeed: (request) => feed.serve(request), grants, imaging })
    const administration: Administration = {
      revokeWorkstation: (workstationId) => revokeWorkstation(relay, workstationId),
      acceptRestoredLog: (workstationId) => acceptRestoredLog(relay, workstationId),
      issueEnrolmentCode: (departmentId, slot) => issueEnrolmentCode(relay, departmentId, slot),
      expireDueShares: () => expireDueShares(relay),
      purgeAbandonedUploads: () => purgeAbandonedUploads(relay),
      removeEnded: () => removeEndedPackages(relay),
      eraseDestroyed: () => eraser.now(),
    }
    const https = config.publicUrl.startsWith('https:')
    return {
      fetch: (request, peer = UNKNOWN_PEER) => guarded(request, https, () => app.fetch(request, { peer })),
      routes: app.routes,
      administration,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** With what a relay was started is an entry too: so a log without entries is one that was emptied. */
async function recordStart({ db, config, now }: RelayContext): Promise<void> {
  const { publicUrl, demonstration = false, smtp, sms } = config
  const detail = { publicUrl, demonstration, mail: smtp !== undefined, textMessages: sms !== undefined }
  await db
    .transaction()
    .execute((transaction) => record(transaction, { at: now(), actor: administratorHere(), action: 'started', detail }))
}

/** What goes by the hour: images of ended packages, and sessions that are over. */
async function removeEnded(relay: RelayContext): Promise<void> {
  await removeEndedPackages(relay)
  await purgeSessions(relay)
}

/** What each request is routed with. */
interface Environment {
  readonly Bindings: { readonly peer: Peer }
}

interface Serving {
  serveFeed(request: Request): Promise<Response>
  readonly grants: OpenGrants
  readonly imaging: Imaging
}

function routes(relay: RelayContext, { serveFeed, grants, imaging }: Serving): Hono<Environment> {
  const app = new Hono<Environment>()
  const api = workstationApi(relay)
  const portal = portalApi(relay, grants)
  app.onError((thrown, c) => {
    const error = databaseFailure(thrown) as Error
    if (error instanceof OutpostError) return c.json({ code: error.code }, statusOf(error.code) as 400)
    relay.config.log?.(failureLine(c.req.method, error))
    return c.json({ code: 'internal' }, 500)
  })
  app.notFound((c) => c.json({ code: 'not-found' }, 404))
  app.get('/health', async (c) => {
    await relay.db.selectNoFrom((expression) => expression.lit(1).as('one')).execute()
    return c.json({ ok: true })
  })
  app.route('/uploads', tusUploads(relay))
  app.all('/api/*', async (c) => (await api(c.req.raw, c.env.peer)) ?? c.json({ code: 'not-found' }, 404))
  app.get('/feed', (c) => serveFeed(c.req.raw))
  app.get('/s/:token', (c) => linkPage(relay, c.req.param('token')))
  app.get('/portal-assets/*', (c) =>
    pageFile(
      relay.config.pageFolder,
      decodeURIComponent(new URL(c.req.url).pathname.slice('/portal-assets/'.length)),
      c.req.header('accept-encoding'),
    ),
  )
  app.use('/portal/*', neverStored)
  app.all('/portal/rpc/*', async (c) => (await portal(c.req.raw)) ?? c.json({ code: 'not-found' }, 404))
  app.get('/portal/download', (c) => grantedDownload(relay, grants, c.req.raw))
  app.route('/portal/dicomweb', grantedDicomWeb(relay, grants, imaging))
  if (hasEmbeddedOutbox(relay))
    app.get('/outbox', async (c) =>
      isFromThisMachine(c.req.raw, c.env.peer) ? outboxPage(relay, c.req.raw) : c.notFound(),
    )
  return app
}
