// Runs a program of npm run dev and restarts it when its sources change.
import { endProgram, firstJson, startCommand } from './programs.mjs'

/** All changes within this time cause one restart, because an editor may save several files at once. */
const GATHERING_MS = 150

/**
 * Does the same as Promise.withResolvers, which Node 20 does not have. A rejection that nothing awaits is not an error.
 */
function openPromise() {
  let settle
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject }
  })
  promise.catch(() => {})
  return { promise, ...settle }
}

/**
 * @param {string} name
 * @param {object} options
 * @param {() => string[] | Promise<string[]>} options.command returns the arguments of the command line
 * @param {number} [options.inspectPort]
 * @param {(json: any) => any} [options.onReady] returns the result of `ready`, from the JSON that the program prints
 */
export function restartingProgram(name, { command, inspectPort, onReady = (json) => json }) {
  const say = (text) => process.stderr.write(`${text}\n`)
  let child = null
  let timer = null
  let stopped = false
  let latest = openPromise()
  /** Restarts run one after another. */
  let work = Promise.resolve()

  async function startAgain() {
    const current = latest
    try {
      if (child !== null) await endProgram(child)
      const args = await command()
      if (stopped || current !== latest) return
      child = startCommand(args, ['ignore', 'pipe', 'inherit'], inspectPort)
      const started = Date.now()
      current.resolve(await onReady(await firstJson(child)))
      say(`The ${name} is up after ${((Date.now() - started) / 1000).toFixed(1)} s.`)
      child.once('exit', (code) => {
        if (!stopped && current === latest) say(`The ${name} has ended (${code}). It starts again at the next change.`)
      })
    } catch (error) {
      if (stopped) return
      current.reject(error)
      say(`The ${name} did not start: ${error.message}. It starts again at the next change.`)
    }
  }

  return {
    /** Resolves to the result of the newest start. */
    async ready() {
      for (;;) {
        const waitedFor = latest
        const result = await waitedFor.promise.catch((error) => {
          if (waitedFor === latest) throw error
        })
        if (waitedFor === latest) return result
      }
    },
    restart() {
      const before = latest
      latest = openPromise()
      // A caller that waits for the previous start then waits for this one.
      before.resolve(null)
      clearTimeout(timer)
      timer = setTimeout(() => {
        work = work.then(startAgain)
      }, GATHERING_MS)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      if (child !== null) await endProgram(child)
      await work
    },
  }
}
