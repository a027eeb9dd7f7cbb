/**
 * Runs a long job in parts. Each finished part is recorded under out/faults, so that an interrupted run continues where
 * it stopped.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const MAX_MINUTES = 40
/** The exit code when no fault was found but parts are left. */
const INCOMPLETE = 3

/**
 * Runs the remaining parts, for about 40 minutes at most.
 * @param name of the run with its arguments, as part of a file name
 * @param run prints the faults it finds and returns how many these are
 * @returns exit code: 0 when the whole run found nothing, 1 after faults, 3 when parts are left
 */
export async function runParts(
  name: string,
  parts: readonly string[],
  run: (part: string) => number | Promise<number>,
): Promise<number> {
  const file = path.resolve(import.meta.dirname, `../../out/faults/${name}.json`)
  const until = performance.now() + MAX_MINUTES * 60_000
  const done = read(file)
  const remaining = parts.filter((part) => !done.has(part))
  console.log(`${name}: ${remaining.length} of ${parts.length} parts are left`)
  for (const part of remaining) {
    if (performance.now() > until) break
    done.set(part, await run(part))
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify([...done], null, 1))
  }
  const faults = parts.reduce((sum, part) => sum + (done.get(part) ?? 0), 0)
  const complete = parts.every((part) => done.has(part))
  console.log(`${name}: ${faults} faults${complete ? '' : '; parts are left: the same command goes on'}`)
  // The next run begins again with all parts.
  if (complete) rmSync(file, { force: true })
  if (faults > 0) return 1
  return complete ? 0 : INCOMPLETE
}

function read(file: string): Map<string, number> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, number][])
  } catch {
    return new Map()
  }
}
