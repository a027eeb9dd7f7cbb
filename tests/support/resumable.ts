/**
 * Runs a long job in parts. Each finished part is recorded under out/faults, so that an interrupted run continues where
 * it stopped.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const MOST_MINUTES = 40
/** The exit code when no fault was found but parts are left. */
const NOT_AT_THE_END = 3

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
  const until = performance.now() + MOST_MINUTES * 60_000
  const done = read(file)
  const left = parts.filter((part) => !done.has(part))
  console.log(`${name}: ${left.length} of ${parts.length} parts are left`)
  for (const part of left) {
    if (performance.now() > until) break
    done.set(part, await run(part))
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify([...done], null, 1))
  }
  const found = parts.reduce((sum, part) => sum + (done.get(part) ?? 0), 0)
  const atTheEnd = parts.every((part) => done.has(part))
  console.log(`${name}: ${found} faults${atTheEnd ? '' : '; parts are left: the same command goes on'}`)
  // The next run begins again with all parts.
  if (atTheEnd) rmSync(file, { force: true })
  if (found > 0) return 1
  return atTheEnd ? 0 : NOT_AT_THE_END
}

function read(file: string): Map<string, number> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, number][])
  } catch {
    return new Map()
  }
}
