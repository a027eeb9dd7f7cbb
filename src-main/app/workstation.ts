/** The workstation: its services, connected to one fetch handler that every host mounts. */
import { join } from 'node:path'
import { Hono } from 'hono'
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import { dicomweb } from '../../src-engine/dicomweb/handler.ts'
import { guarded } from '../../src-engine/http/guard.ts'
import { procedureServer } from '../../src-engine/http/procedures.ts'
import { seenInSession } from '../audit/seen-in-session.ts'
import { openLibrary } from '../library/library.ts'
import { mailCatalogs } from '../sharing/mail-catalogs.ts'
import { Sharing } from '../sharing/share-studies.ts'
import { enrolWorkstation } from '../staff/enrol.ts'
import { StaffSession } from '../staff/session.ts'
import { staffPasswords } from '../staff/staff-passwords.ts'
import { openStorage } from '../storage/open-storage.ts'
import { storageFailure } from '../storage/storage-failure.ts'
import { createEvents, eventStream } from './events.ts'
import type { RpcContext } from './rpc-context.ts'
import type { Host } from '../ports/host.ts'
import { createLog, type ProgramLog } from './log.ts'
import { makeSync } from './make-sync.ts'
import { servePage } from './page.ts'
import { pageFailures } from './page-failures.ts'
import { procedures } from './procedures.ts'
import type { Services } from './services.ts'

export interface Workstation {
  /** @param browser the id of the calling browser, where a host serves several: each sees only who signed in there */
  fetch(request: Request, browser?: string): Promise<Response>
  /** Every route, so that a test can check that it covers all of them. The path of procedures ends with an asterisk. */
  readonly routes: readonly { readonly method: string; readonly path: string }[]
  readonly services: Services
  /** Enrols with a code that a launcher was given, unless this workstation is already enrolled. */
  enrollOnce(relayUrl: string, code: string): Promise<void>
  close(): Promise<void>
}

/** Interval of the check for an idle session. Each request checks it too. */
const IDLE_CHECK_MS = 10_000

/** @error data-folder-in-use, data-from-newer-version */
export async function createWorkstation(host: Host): Promise<Workstation> {
  const storage = await openStorage({ entry: host.entries.storage, dataFolder: host.dataFolder })
  const log = createLog(join(host.dataFolder, 'logs'))
  const events = createEvents()
  const library = openLibrary({
    host,
    events,
    index: storage.index,
    onFailure: (error) => log.write('error', 'library', { error }),
  })
  const session = new StaffSession({ storage, events, now: host.now, passwords: staffPasswords(host) })
  const sync = makeSync({
    host,
    storage,
    events,
    applyOrganisation: (organisation) => session.applyOrganisation(organisation),
    // A code of the catalog says all; what is unexpected is found by its place in the code.
    onFailure: (where, error) =>
      error instanceof OutpostError
        ? log.write('warn', 'sync-failed', { where, code: error.code })
        : log.write('error', 'sync-failed', { where, error }),
    onPreviewsFailed: (shareId, code, numbers) =>
      log.write(numbers.unexpected > 0 ? 'error' : 'info', 'preview-failed', { shareId, code, numbers }),
  })
  const sharing = new Sharing({
    storage,
    library,
    events,
    sync,
    catalogs: mailCatalogs(host.resourcesFolder),
    now: host.now,
  })
  const seen = seenInSession({
    append: (entry) => storage.audit.append(entry),
    events,
    now: host.now,
    onFailure: (error) => log.write('error', 'audit-failed', { error }),
  })
  const services: Services = {
    host,
    events,
    library,
    sync,
    storage,
    session,
    seen,
    sharing,
    pageFailed: pageFailures(log, host.now),
  }
  await sync.start()
  log.write('info', 'started')
  const idle = setInterval(() => void session.endIdle(), IDLE_CHECK_MS).unref()
  const app = routes(services, log)
  return {
    services,
    fetch: (request, browser) => guarded(request, false, () => app.fetch(request, { browser })),
    routes: app.routes,
    async enrollOnce(relayUrl, code) {
      if (host.secrets.locked || (await storage.staff.enrolment()) !== null) return
      await enrolWorkstation(services, relayUrl, code)
      sync.kick()
    },
    async close() {
      clearInterval(idle)
      await sync.close()
      await library.close()
      await host.imaging.close()
      await storage.close()
      log.write('info', 'stopped')
    },
  }
}

/** Limit of a request body in bytes. The largest request, the sign-off of 20,000 images, has about 4 MiB. */
const MAX_REQUEST = 8 * 1024 * 1024

const STATUS: Partial<Record<ErrorCode, number>> = { 'not-signed-in': 401, 'too-large': 413, internal: 500 }
const statusOf = (code: ErrorCode): number => STATUS[code] ?? 400

type Env = { Bindings: { readonly browser: string | undefined } }

function routes(services: Services, log: ProgramLog): Hono<Env> {
  const app = new Hono<Env>()
  const rpc = procedureServer<RpcContext>(procedures, {
    prefix: '/rpc',
    statusOf,
    named: (error) => storageFailure(error),
    onUnexpected: (error) => log.write('error', 'procedure-failed', { error }),
  })
  app.onError((error) => {
    const code = codeOf(storageFailure(error))
    if (code === 'internal') log.write('error', 'request-failed', { error })
    return Response.json({ code }, { status: statusOf(code), headers: { 'cache-control': 'no-store' } })
  })
  app.use('/dicomweb/*', async (c, next) => {
    const signedIn = (await services.session.from(c.env.browser).used()).requireFor('browse-library')
    await next()
    const study = /^\/dicomweb\/studies\/([\d.]{1,64})\//.exec(c.req.path)?.[1]
    if (study !== undefined && c.res.ok) services.seen.note(signedIn, 'view-study', study)
  })
  app.route(
    '/dicomweb',
    dicomweb({
      source: () => services.library,
      imaging: services.host.imaging,
      cacheFolder: join(services.host.dataFolder, 'thumbnails'),
    }),
  )
  app.get('/events', (c) => eventStream(services.events, c.req.raw.signal))
  app.all(
    '/rpc/*',
    async (c) =>
      (await rpc(c.req.raw, {
        limit: MAX_REQUEST,
        context: async () => ({
          services: { ...services, session: await services.session.from(c.env.browser).used() },
        }),
      })) ?? Response.json({ code: 'not-found' }, { status: 404 }),
  )
  app.all('*', (c) => servePage(services.host.pageFolder, c.req.raw))
  return app
}
