/** Tests `npm run dev` as a developer uses it, and `npm run reset` after it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root, temporaryFolder } from '../support/programs.ts'

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => done(port))
    })
  })
}

function startDevelopment(data: string, port: number) {
  const program = spawn(process.execPath, ['scripts/dev.mjs', '--data', data, '--port', String(port)], {
    cwd: root,
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '', VITEST: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  const address = new Promise<string>((done, fail) => {
    program.stderr!.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const match = /with hot reload: (http:\S+)/.exec(output)
      if (match) done(match[1]!)
    })
    program.once('exit', () => fail(new Error(output)))
  })
  return { program, address }
}

function leaderLives(leader: ChildProcess): boolean {
  try {
    return process.kill(-leader.pid!, 0)
  } catch {
    return false
  }
}

const reset = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/reset.mjs', ...args], { cwd: root, encoding: 'utf8', stdio: 'pipe' })

describe.skipIf(process.platform === 'win32')('npm run dev', () => {
  const folder = temporaryFolder('dev')
  const data = join(folder, 'data')
  let program: ChildProcess | undefined
  afterAll(() => {
    if (program && leaderLives(program)) process.kill(-program.pid!, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('serves the page from its sources, and the workstation only to who holds the key', async () => {
    const port = await freePort()
    const development = startDevelopment(data, port)
    program = development.program
    const address = await development.address
    const { origin } = new URL(address)
    expect(await (await fetch(`${origin}/main.tsx`)).text()).toContain('sourceMappingURL')
    expect(statSync(join(data, 'page-key')).mode & 0o777).toBe(0o600)

    const opened = await fetch(address, { redirect: 'manual' })
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
    const requestRpc = async (headers: Record<string, string>) => {
      const answer = await fetch(`${origin}/dicomweb/studies`, { headers })
      return [answer.status, ((await answer.json()) as { code: string }).code]
    }
    expect(await requestRpc({})).toEqual([401, 'not-opened'])
    expect(await requestRpc({ cookie: `${cookie}0` })).toEqual([401, 'not-opened'])
    expect(await requestRpc({ cookie, origin: `http://127.0.0.1:${port + 1}` })).toEqual([403, 'wrong-origin'])
    // The workstation itself answers that no person has signed in.
    expect(await requestRpc({ cookie, origin })).toEqual([401, 'not-signed-in'])
  })

  it('keeps its data while it runs, leaves no process after Ctrl+C, and reset then removes the data', async () => {
    const running = reset('--data', data, '--yes')
    expect([running.status, existsSync(data)], running.stderr).toEqual([1, true])
    const exit = new Promise((done) => program!.once('exit', done))
    process.kill(-program!.pid!, 'SIGINT')
    expect(await exit).toBe(0)
    expect(leaderLives(program!)).toBe(false)

    const refused = reset('--data', data)
    expect([refused.status, existsSync(data)], refused.stderr).toEqual([1, true])
    expect(refused.stderr).toContain(data)
    const removed = reset('--data', data, '--yes')
    expect([removed.status, existsSync(data)], removed.stderr).toEqual([0, false])
  })

  it('reset leaves a folder alone that holds anything else', () => {
    const otherFolder = join(folder, 'other')
    mkdirSync(join(otherFolder, 'relay'), { recursive: true })
    writeFileSync(join(otherFolder, 'letter.txt'), '')
    const { status, stderr } = reset('--data', otherFolder, '--yes')
    expect([status, existsSync(join(otherFolder, 'relay'))]).toEqual([1, true])
    expect(stderr).toContain('letter.txt')
  })
})
