// Starts and ends the programs of a demonstration, relay and workstation, from this checkout.
import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { environment, node24, root } from './set-up.mjs'

/** The names of the data folders of npm start and npm run dev. */
export const DATA_FOLDERS = { demonstration: 'outpost-demonstration', development: 'outpost-development' }

export const dataFolderOf = (name) => join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), name)

/** A program that has not ended after this time is killed. */
const END_MS = 15_000

/** @param {number} [inspectPort] of Node's inspector; when absent, no debugger can attach */
export function startCommand(args, stdio, inspectPort) {
  const inspect = inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`]
  return spawn(
    node24(),
    ['--disable-warning=ExperimentalWarning', ...inspect, join('src-main', 'entries', 'command-line.ts'), ...args],
    { cwd: root, env: environment(), stdio },
  )
}

export const relayArguments = (data) => ['relay', '--demonstration', '--data', join(data, 'relay'), '--json']
export const workstationArguments = (data) => ['serve', '--demonstration', '--data', join(data, 'workstation')]

/** Returns the first line of JSON that a command prints. @throws Error when the command ends without one */
export function firstJson(child) {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      const line = text.split('\n').find((candidate) => candidate.trim().endsWith('}'))
      if (line) resolve(JSON.parse(line))
    })
    child.once('exit', (code) => reject(new Error(`stopped with exit code ${code}`)))
  })
}

/** Ends a program and waits until it has exited; it is killed only when it does not end by itself. */
export async function endProgram(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await gone
  clearTimeout(timer)
}
