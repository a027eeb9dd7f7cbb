/** Puts a relay on a port. On 127.0.0.1 unless told otherwise: TLS is the work of the proxy in front. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { createRelay } from '../app/relay.ts'
import type { RelayConfig } from '../app/config.ts'

export interface ServeOptions extends Omit<RelayConfig, 'publicUrl'> {
  /** 0: any free one. */
  readonly port: number
  readonly hostname?: string
  /** What links begin with, when it is not the address served here. */
  readonly publicUrl?: string
}

export interface ServedRelay { readonly url: string; close(): Promise<void> }

/** Resolves once the relay answers. The port is taken first, since links name it. */
export async function serveRelay(options: ServeOptions): Promise<ServedRelay> {
  const hostname = options.hostname ?? '127.0.0.1'
  let answer: (request: Request) => Promise<Response> = () => Promise.resolve(Response.json({ code: 'relay-error' }, { status: 503, headers: { 'Retry-After': '1' } }))
  const server = createAdaptorServer({
    fetch: (request, env) => isForThisMachine(request) && !isLocal(env as HttpBindings) ? Response.json({ code: 'not-found' }, { status: 404 }) : answer(request),
    hostname,
  })
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(options.port, hostname, done)
  })
  const url = options.publicUrl ?? `http://${hostname}:${(server.address() as AddressInfo).port}`
  const stopListening = (): Promise<void> => new Promise(done => {
    server.close(() => done())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
  try {
    const relay = await createRelay({ ...options, publicUrl: url })
    answer = request => relay.fetch(request)
    return {
      url,
      async close() {
        await stopListening()
        await relay.close()
      },
    }
  } catch (error) {
    await stopListening()
    throw error
  }
}

/** The page with a demonstration's messages is for whoever sits at this machine. */
const isForThisMachine = (request: Request): boolean => new URL(request.url).pathname.startsWith('/outbox')

function isLocal({ incoming: { socket, headers } }: HttpBindings): boolean {
  return ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(socket.remoteAddress ?? '') && headers['x-forwarded-for'] === undefined && headers['forwarded'] === undefined
}
