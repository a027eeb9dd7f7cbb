/** Creates the relay: one fetch handler over its database and its object store. */
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
import type { SecretEraser } from '../storage/secret-eraser.ts'
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
  /** @param peer the other end of the connection; absent when it is not known, which never counts as this machine */
  fetch(request: Request, peer?: Peer): Promise<Response>
  /**
   * Every route, so that a test can cover all of them. A path that procedures are served below ends with an asterisk.
   */
  readonly routes: readonly Route[]
  /** The actions of an administrator on the relay's own machine. */
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
  /** Accepts a workstation's log after its ledger was restored from a backup. @error not-found there is no alarm */
  acceptRestoredLog(workstationId: string): Promise<void>
  /** Issues a one-time code for enrolment, which is valid for a day; see directory/enrolment.ts. */
  issueEnrolmentCode(departmentId: string, slot: string): Promise<string>
  /** Ends the shares that are due now, without waiting for the next minute. @returns the number of ended shares */
  expireDueShares(): Promise<number>
  /** Removes uploads without progress for a week now, without waiting for the night. @returns the number of uploads */
  purgeAbandonedUploads(): Promise<number>
  /** Removes the images of ended packages now, without waiting for the next hour. @returns the number of packages */
  removeEnded(): Promise<number>
  /** Erases destroyed secrets from the files of the embedded database now, without waiting for the next pass. */
  eraseDestroyed(): Promise<void>
}

/** The file of a demonstration's enrolment code, inside the folder of the embedded database. */
export const DEMONSTRATION_CODE_FILE = 'enrolment-code'

/**
 * Starts a relay. Everything that it acknowledges is on disk, and it needs nothing from its memory after a restart.
 * @error data-folder-in-use, data-from-newer-version, organisation-key-on-relay, organisation-recipient-missing
 */
export async function createRelay(config: RelayConfig): Promise<Relay> {
  const closeSteps: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const step of closeSteps.splice(0).reverse()) await step()
  }
  const logFailureOf = (where: string) => (error: Error) => config.log?.(failureLine(where, error))
  try {
    const embedded =
      'embedded' in config.database
        ? await startEmbeddedPostgres(config.database.embedded, logFailureOf('embedded database'))
        : null
    if (embedded !== null) closeSteps.push(() => embedded.close())
    const url = 'url' in config.database ? config.database.url : (embedded?.url ?? '')
    const connections = shareOfConnections(config.connections)
    const database = await openDatabase(url, connections, logFailureOf('database connection'))
    closeSteps.push(() => database.close())
    const notifications = await openNotifications(database.pool, logFailureOf('notifications'))
    closeSteps.push(() => notifications.close())
    const sequencer = await openSequencer({ db: database.db, notifications, config })
    closeSteps.push(() => sequencer.close())
    const endings = await openGrantEndings(notifications)
    const eraser = await openEraser(database.pool, embedded !== null, config.log)
    closeSteps.push(() => eraser.close())
    endings.subscribe(() => eraser.request())
    const jobs = await openJobs(url, {
      retrySeconds: config.retrySeconds ?? 30,
      alone: embedded !== null,
      connections: connections.jobs,
      onError: logFailureOf('job queue'),
    })
    closeSteps.push(() => jobs.close())
    const relay: RelayContext = {
      config,
      db: database.db,
      pool: database.pool,
      lockPool: database.lockPool,
      objects: await openFolderObjects(config.objects.folder, config.objects.freeBytes),
      keys: await openCheckedKeys(config),
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
    closeSteps.push(() => feed.close())
    const channels = openChannels(relay)
    closeSteps.push(() => Promise.resolve(channels.close()))
    const grants = openGrants(relay)
    closeSteps.push(() => Promise.resolve(grants.close()))
    const imaging = config.imaging ?? createImaging({ files: 'none' })
    if (config.imaging === undefined) closeSteps.push(() => imaging.close())
    await jobs.start({
      deliver: (noticeId, last) => deliverNotice(relay, channels, noticeId, last),
      expire: async () => void (await expireDueShares(relay)),
      purge: async () => void (await purgeAbandonedUploads(relay)),
      removeEnded: () => removeEnded(relay),
    })
    const app = routes(relay, { serveFeed: (request) => feed.serve(request), grants, imaging })
    const https = config.publicUrl.startsWith('https:')
    return {
      fetch: (request, peer = UNKNOWN_PEER) => guarded(request, https, () => app.fetch(request, { peer })),
      routes: app.routes,
      administration: administrationOf(relay, eraser),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** @error organisation-key-on-relay, organisation-recipient-missing */
async function openCheckedKeys(config: RelayConfig): Promise<RelayContext['keys']> {
  const folder = 'embedded' in config.database ? config.database.embedded : dirname(config.objects.folder)
  const keysFile = config.keysFile ?? join(folder, 'relay-keys.json')
  await mkdir(dirname(keysFile), { recursive: true })
  await checkOrganisationKeys(config, keysFile)
  return openRelayKeys(keysFile)
}

function administrationOf(relay: RelayContext, eraser: SecretEraser): Administration {
  return {
    revokeWorkstation: (workstationId) => revokeWorkstation(relay, workstationId),
    acceptRestoredLog: (workstationId) => acceptRestoredLog(relay, workstationId),
    issueEnrolmentCode: (departmentId, slot) => issueEnrolmentCode(relay, departmentId, slot),
    expireDueShares: () => expireDueShares(relay),
    purgeAbandonedUploads: () => purgeAbandonedUploads(relay),
    removeEnded: () => removeEndedPackages(relay),
    eraseDestroyed: () => eraser.now(),
  }
}

/** Records the start of the relay. As every start is recorded, a log without entries must have been emptied. */
async function recordStart({ db, config, now }: RelayContext): Promise<void> {
  const { publicUrl, demonstration = false, smtp, sms } = config
  const detail = { publicUrl, demonstration, mail: smtp !== undefined, textMessages: sms !== undefined }
  await db
    .transaction()
    .execute((transaction) => record(transaction, { at: now(), actor: administratorHere(), action: 'started', detail }))
}

/** The hourly job: removes the images of ended packages, and the rows of old sessions. */
async function removeEnded(relay: RelayContext): Promise<void> {
  await removeEndedPackages(relay)
  await purgeSessions(relay)
}

/** The data that Hono gives to each route. */
interface Environment {
  readonly Bindings: { readonly peer: Peer }
}

interface RouteServices {
  serveFeed(request: Request): Promise<Response>
  readonly grants: OpenGrants
  readonly imaging: Imaging
}

function routes(relay: RelayContext, { serveFeed, grants, imaging }: RouteServices): Hono<Environment> {
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
  app.get('/portal/grants/:grantId/download', (c) => grantedDownload(relay, grants, c.req.raw))
  app.route('/portal/grants/:grantId/dicomweb', grantedDicomWeb(relay, grants, imaging))
  if (hasEmbeddedOutbox(relay))
    app.get('/outbox', async (c) =>
      isFromThisMachine(c.req.raw, c.env.peer) ? outboxPage(relay, c.req.raw) : c.notFound(),
    )
  return app
}
