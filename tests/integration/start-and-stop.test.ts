/** Tests `npm start` as a person uses it: it prints an address that opens, and after Ctrl+C no process is left. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { freshAddress, openByAddress, root, temporaryFolder } from '../support/programs.ts'

/** Whether any process of the group that a program leads is still running. */
function runs(leader: ChildProcess): boolean {
  try {
    process.kill(-leader.pid!, 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(process.platform === 'win32' || !existsSync(join(root, 'out', 'renderer', '.built')))(
  'npm start',
  { timeout: 200_000 },
  () => {
    const folder = temporaryFolder('start')
    let program: ChildProcess | undefined
    afterAll(() => {
      if (program && runs(program)) process.kill(-program.pid!, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    })

    // The test runs twice: the second start finds the data of the first. A terminal's Ctrl+C reaches relay and
    // workstation before their launcher.
    it.each(['SIGINT', 'SIGTERM'] as const)('gives an address, and leaves nothing running after %s', async (signal) => {
      program = spawn(process.execPath, ['scripts/start.mjs', '--browser', '--data', folder], {
        cwd: root,
        detached: true,
        env: { ...process.env, NODE_OPTIONS: '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let output = ''
      for (const stream of [program.stdout!, program.stderr!])
        stream.on('data', (chunk) => {
          output += chunk
        })
      const exit = new Promise<number | null>((done) => program!.once('exit', (code) => done(code)))
      await eventually(() => /http:\S+/.test(output) || program!.exitCode !== null)
      // Output that is not a terminal may be a file that others can read.
      expect(output).not.toContain('token=')
      const answer = await fetch(/http:\S+/.exec(output)![0])
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
      expect(await answer.text()).toContain('open the file open-outpost.html')
      expect((await openByAddress(freshAddress(join(folder, 'workstation')))).headers['x-outpost-secret']).toBeTruthy()
      const { directory } = JSON.parse(readFileSync(join(folder, 'relay', 'database.json'), 'utf8')) as {
        directory: string
      }
      expect(existsSync(join(directory, 'postmaster.pid'))).toBe(true)

      process.kill(-program.pid!, signal)
      expect(await exit).toBe(0)
      expect(existsSync(join(directory, 'postmaster.pid'))).toBe(false)
      expect(runs(program)).toBe(false)
    })
  },
)
