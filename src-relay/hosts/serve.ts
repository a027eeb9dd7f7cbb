/** Serves a relay on a port. It listens on 127.0.0.1 by default, because the proxy before it does TLS. */
import { readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { withSafeHeaders } from '../../src-engine/http/guard.ts'
import { createRelay, type Relay } from '../app/relay.ts'
import type { RelayConfig } from '../ports/relay-context.ts'

export interface ServeOptions extends Omit<RelayConfig, 'publicUrl'> {
  /**
   * 0 stands for the port of the last start with this embedded database, because links and enrolments contain it, or
   * for any free port if that one is taken.
   */
  readonly port: number
  readonly hostname?: string
  /** The beginning of recipients' links, when it differs from the address that is served here. */
  readonly publicUrl?: string
}

export interface ServedRelay {
  readonly url: string
  close(): Promise<void>
}

/** Resolves once the relay answers. It listens before the relay is created, because links contain the port. */
export async function serveRelay(options: ServeOptions): Promise<ServedRelay> {
  const hostname = options.hostname ?? '127.0.0.1'
  const https = options.publicUrl?.startsWith('https:') === true
  let answer: Relay['fetch'] = async () =>
    withSafeHeaders(Response.json({ code: 'relay-error' }, { status: 503, headers: { 'Retry-After': '1' } }), https)
  const server = createAdaptorServer({
    fetch: (request, env) => answer(request, { address: (env as HttpBindings).incoming.socket.remoteAddress ?? '' }),
    hostname,
  })
  const listen = (port: number): Promise<void> =>
    new Promise((done, fail) => {
      server.once('error', fail)
      server.listen(port, hostname, () => {
        server.removeListener('error', fail)
        done()
      })
    })
  const portFile = options.port === 0 && 'embedded' in options.database ? join(options.database.embedded, 'port') : null
  const lastPort = portFile === null ? 0 : Number(await readFile(portFile, 'utf8').catch(() => '0'))
  await (lastPort === 0 ? listen(options.port) : listen(lastPort).catch(() => listen(0)))
  const { port } = server.address() as AddressInfo
  const url = options.publicUrl ?? `http://${hostname}:${port}`
  const stopListening = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  try {
    const relay = await createRelay({ log: (line) => process.stderr.write(`${line}\n`), ...options, publicUrl: url })
    if (portFile !== null) await writeFile(portFile, String(port), { flush: true })
    answer = relay.fetch
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
