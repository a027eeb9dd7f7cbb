/** A relay in a process of its own, to be killed: prints its address, and ends cleanly on SIGTERM. */
import { serveRelay, type ServeOptions } from '../../src-relay/hosts/serve.ts'

const relay = await serveRelay(JSON.parse(process.argv[2] ?? '{}') as ServeOptions)
process.once('SIGTERM', () => void relay.close().then(() => process.exit(0)))
process.stdout.write(`${JSON.stringify({ url: relay.url })}\n`)
