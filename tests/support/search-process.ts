/**
 * A process of the search: it tries files and mutants of them one after another, and keeps those that reach new code.
 * Arguments: search FOLDER CORPUS SEED UNTIL, or replay FILE. It sends its results to its parent as messages.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { warmUpCodecs } from '../../src-engine/decode/native-codecs.ts'
import { corpusFiles, sequenceOf } from './mutants.ts'
import { countReachedCode } from './reached-code.ts'
import { tryInput, watchInputs, type SearchFinding } from './search-trial.ts'
import { splicedMutant } from './splices.ts'
import { fileOf, syntheticStudies } from './synthetic-studies.ts'

export type SearchMessage =
  | {
      readonly type: 'progress'
      readonly inputs: number
      readonly mutants: number
      readonly queue: number
      readonly reached: number
    }
  | { readonly type: 'found'; readonly file: string; readonly finding: SearchFinding }
  | { readonly type: 'replayed'; readonly findings: readonly SearchFinding[] }

/** Larger files are slow to try and reach no more code. */
const MAX_BYTES = 512 * 1024

const send = (message: SearchMessage): void => {
  process.send?.(message)
}
const nameOf = (bytes: Uint8Array): string => `${createHash('sha256').update(bytes).digest('hex').slice(0, 24)}.dcm`

/** Returns the first files to try: those of the corpus, small ones first, and one invented study. */
function* firstFiles(corpus: string): Generator<Uint8Array> {
  for (const [study] of [[...syntheticStudies(1, 1)]]) for (const instance of study ?? []) yield fileOf(instance)
  if (!existsSync(corpus)) return
  const files = corpusFiles(corpus)
    .map(({ name }) => readFileSync(path.join(corpus, name)))
    .filter((bytes) => bytes.length <= MAX_BYTES)
  yield* files.sort((first, second) => first.length - second.length)
}

async function search(folder: string, corpus: string, seed: number, until: number): Promise<void> {
  const code = countReachedCode((url) => /\/src-(core|engine)\//.test(url))
  const watch = watchInputs()
  const below = sequenceOf(seed)
  const queue = path.join(folder, 'queue')
  const running = path.join(folder, `running-${process.pid}.dcm`)
  /** Names in the queue that this process has tried; the newest are last. */
  const queued: string[] = []
  const tried = new Set<string>()
  const first = firstFiles(corpus)
  let unread = true
  let inputs = 0
  let mutants = 0
  let reportedAt = 0
  let listedAt = 0

  const tryOne = async (bytes: Uint8Array, name: string | null): Promise<void> => {
    writeFileSync(running, bytes)
    watch.begin(bytes.length)
    for (const finding of await tryInput(bytes, watch)) {
      const file = path.join(folder, `suspect-${nameOf(bytes)}`)
      writeFileSync(file, bytes)
      send({ type: 'found', file, finding })
    }
    inputs++
    const fresh = code.takeNew()
    if (name !== null) queued.push(name)
    else if (fresh > 0) {
      const kept = nameOf(bytes)
      tried.add(kept)
      queued.push(kept)
      writeFileSync(path.join(queue, kept), bytes)
    }
  }
  const report = (): void => send({ type: 'progress', inputs, mutants, queue: queued.length, reached: code.reached() })
  /** Returns the files that an earlier run or another process has added to the queue. */
  const others = (): string[] => readdirSync(queue).filter((name) => !tried.has(name))

  while (Date.now() < until) {
    if (Date.now() - reportedAt > 1000) {
      reportedAt = Date.now()
      report()
      // A pause lets the process notice that its parent has exited.
      await setImmediate()
    }
    if (Date.now() - listedAt > 5000) {
      for (const name of others()) {
        if (Date.now() >= until) break
        tried.add(name)
        await tryOne(readFileSync(path.join(queue, name)), name)
      }
      listedAt = Date.now()
    }
    // The corpus is read while the search runs, so that even a short run does some searching.
    const next = unread && (queued.length === 0 || below(2) === 0) ? first.next() : null
    if (next?.done) unread = false
    else if (next) await tryOne(next.value, null)
    if (queued.length === 0) continue
    const at = below(3) === 0 ? queued.length - 1 - below(Math.min(queued.length, 32)) : below(queued.length)
    const original = readFileSync(path.join(queue, queued[at]!))
    const donor = below(2) ? readFileSync(path.join(queue, queued[below(queued.length)]!)) : null
    const bytes = splicedMutant(original, donor, below)
    if (bytes.length === 0 || bytes.length > MAX_BYTES) continue
    mutants++
    await tryOne(bytes, null)
  }
  report()
}

/** Tries the file three times, after files that warm the process up, so that only faults of this file remain. */
async function replay(file: string): Promise<void> {
  const watch = watchInputs()
  const bytes = new Uint8Array(readFileSync(file))
  for (const [study] of [[...syntheticStudies(1, 1)]])
    for (const instance of study ?? []) await tryInput(fileOf(instance), watch)
  const rounds: SearchFinding[][] = []
  for (let round = 0; round < 3; round++) {
    watch.begin(bytes.length)
    rounds.push(await tryInput(bytes, watch))
  }
  send({
    type: 'replayed',
    findings: rounds[0]!.filter(({ signature }) =>
      rounds.every((others) => others.some((other) => other.signature === signature)),
    ),
  })
}

process.on('disconnect', () => process.exit(0))
warmUpCodecs()
const [kind = '', ...given] = process.argv.slice(2)
if (kind === 'replay') await replay(given[0]!)
else await search(given[0]!, given[1]!, Number(given[2]), Number(given[3]))
process.disconnect?.()
