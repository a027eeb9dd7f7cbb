/**
 * Serves one of the two programs in its own process, on its own port, and measures whether requests fill its memory or
 * stop its event loop. It prints its address and routes. It answers the message `report` with the longest stall since
 * the previous report, in milliseconds, and the memory in use, in MiB.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createAdaptorServer } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import { bodiesOf, startAttackedPrograms, type PROGRAM_NAMES } from '../integration/attacked-programs.ts'

const programs = await startAttackedPrograms()
const side = programs.sides[process.argv[2] as (typeof PROGRAM_NAMES)[number]]
const server = createAdaptorServer({
  fetch: (request) => side.fetch(new Request(new URL(new URL(request.url).pathname, side.origin), request)),
})
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
process.on('message', (message) => {
  if (message === 'close') return void programs.close().then(() => process.exit(0))
  globalThis.gc?.()
  process.send!({ stallMs: delay.max / 1e6, mebibytes: process.memoryUsage().rss / 1024 ** 2 })
  delay.reset()
})
const { port } = server.address() as AddressInfo
process.send!({ port, headers: side.headers(), addresses: bodiesOf(side) })
