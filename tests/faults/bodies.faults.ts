/**
 * npm run faults -- bodies sends every route of both programs a body of 1 GiB and one of 10 MiB of nested brackets,
 * over a socket. Each program runs in its own process. Its memory may grow by less than 64 MiB, and its event loop may
 * stall for less than 200 ms more than while idle.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import path from 'node:path'
import { PROGRAM_NAMES } from '../integration/attacked-programs.ts'

const MAX_GROWTH_MIB = 64
const MAX_STALL_MS = 200
/** A stall that the request causes occurs every time; one that a busy machine causes does not. */
const ATTEMPTS = 3
const CHUNK_BYTES = 64 * 1024

interface Address {
  readonly method: string
  readonly path: string
}
interface Hello {
  readonly port: number
  readonly headers: Record<string, string>
  readonly addresses: readonly Address[]
}
interface Report {
  readonly stallMs: number
  readonly mebibytes: number
}

async function ask<T>(child: ChildProcess, message: string): Promise<T> {
  const answer = once(child, 'message')
  child.send(message)
  return (await answer)[0] as T
}

/**
 * Sends until everything is sent or the other side stops reading. @returns the status, or 0 when the connection was
 * closed
 */
function send({ port, headers }: Hello, { method, path: route }: Address, size: number, byte: number): Promise<number> {
  const chunk = Buffer.alloc(CHUNK_BYTES, byte)
  return new Promise((done) => {
    const call = request({
      host: '127.0.0.1',
      port,
      method,
      path: route,
      headers: { ...headers, 'content-type': 'application/json' },
    })
    let bytesLeft = size
    const writeMore = (): void => {
      while (bytesLeft > 0) {
        bytesLeft -= chunk.length
        if (!call.write(chunk)) return void call.once('drain', writeMore)
      }
      call.end()
    }
    call.once('response', (response) => {
      done(response.statusCode ?? 0)
      response.resume()
      call.destroy()
    })
    call.once('error', () => done(0))
    writeMore()
  })
}

async function attack(name: string): Promise<boolean> {
  const child = fork(path.resolve(import.meta.dirname, '../support/attacked-process.ts'), [name], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  })
  try {
    const [hello] = (await once(child, 'message')) as [Hello]
    await ask<Report>(child, 'report')
    await new Promise((done) => setTimeout(done, 2000))
    const idle = await ask<Report>(child, 'report')
    let worst = { growth: 0, stall: 0, where: '' }
    for (const address of hello.addresses)
      for (const [size, byte] of [
        [1024 ** 3, 0x20],
        [10 * 1024 ** 2, 0x5b],
      ] as const) {
        let [status, stall, growth] = [0, Infinity, 0]
        for (let attempt = 0; attempt < ATTEMPTS && stall > MAX_STALL_MS; attempt++) {
          status = await send(hello, address, size, byte)
          const { stallMs, mebibytes } = await ask<Report>(child, 'report')
          stall = Math.min(stall, stallMs - idle.stallMs)
          growth = Math.max(growth, mebibytes - idle.mebibytes)
        }
        if (status >= 500 || growth > MAX_GROWTH_MIB || stall > MAX_STALL_MS)
          console.log(
            `${name} ${address.method} ${address.path}: ${status}, ${growth.toFixed(0)} MiB, ${stall.toFixed(0)} ms`,
          )
        if (growth > worst.growth || stall > worst.stall)
          worst = { growth: Math.max(growth, worst.growth), stall: Math.max(stall, worst.stall), where: address.path }
      }
    console.log(
      `${name}: ${hello.addresses.length} routes; ` +
        `at most ${worst.growth.toFixed(0)} MiB more than idle (limit ${MAX_GROWTH_MIB}), ` +
        `stalls up to ${worst.stall.toFixed(0)} ms beyond ${idle.stallMs.toFixed(0)} ms of idle ` +
        `(limit ${MAX_STALL_MS})`,
    )
    return worst.growth <= MAX_GROWTH_MIB && worst.stall <= MAX_STALL_MS
  } finally {
    child.send('close')
    await once(child, 'exit')
  }
}

let withinLimits = true
for (const name of PROGRAM_NAMES) withinLimits = (await attack(name)) && withinLimits
process.exit(withinLimits ? 0 : 1)
