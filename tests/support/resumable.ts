/**
 * A long run in parts, each of which is kept under out/faults once it is done: a run that was stopped goes on where it
 * ended.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const MOST_MINUTES = 40
/** No fault was found, but parts are left. */
const NOT_AT_THE_END = 3

/**
 * Runs what is left of the parts, for about 40 minutes at most.
 * @param name of the run with what it was told, as part of a file name
 * @param run prints what it finds and tells how many faults that are
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
  // The next run begins anew.
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
