/** Programs measured in turns within one run, so that only what differs between them differs. */
import { spawnSync } from 'node:child_process'

/** Seconds of CPU, a program's children included, and of the clock. */
export interface Measure {
  readonly cpu: number
  readonly wall: number
}
export type Contestants = Readonly<Record<string, () => Measure | Promise<Measure>>>
export type Results = ReadonlyMap<string, readonly Measure[]>

/** Runs a program; its CPU is the shell's count of its children. @error when it fails */
export function program(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Measure {
  const started = performance.now()
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `TIMEFORMAT='%U %S'; exec 3>&2; { time "$0" "$@" >/dev/null ; } 2>&3`, command, ...args],
    { encoding: 'utf8', env: { ...process.env, ...environment } },
  )
  const [user = NaN, system = NaN] = stderr.trim().split('\n').at(-1)!.split(/\s+/).map(Number)
  if (status !== 0 || Number.isNaN(user + system)) throw new Error(`${command} failed: ${stderr.slice(-500)}`)
  return { cpu: user + system, wall: (performance.now() - started) / 1000 }
}

/** CPU of this process, its compiler and collector included. */
export async function within(work: () => void | Promise<void>): Promise<Measure> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  await work()
  const used = process.cpuUsage(cpu)
  return { cpu: (used.user + used.system) / 1e6, wall: (performance.now() - started) / 1000 }
}

export function has(command: string): boolean {
  return spawnSync('which', [command]).status === 0
}

/** @param before done before every turn, not measured */
export async function contest(
  contestants: Contestants,
  rounds: number,
  before: () => void = () => {},
): Promise<Results> {
  const turns = new Map<string, Measure[]>(Object.keys(contestants).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, turn] of Object.entries(contestants)) {
      before()
      turns.get(name)!.push(await turn())
    }
  }
  return turns
}

export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1]!
}

export function print(title: string, results: Results): void {
  console.log(title)
  for (const [name, measures] of results)
    console.log(
      `  ${name.padEnd(34)} CPU ${median(measures.map(({ cpu }) => cpu)).toFixed(3)} s   wall ${median(measures.map(({ wall }) => wall)).toFixed(3)} s`,
    )
}

export interface Limit {
  readonly of: string
  readonly by: 'cpu' | 'wall'
  readonly peer: string /** Most that ours may take of the peer's. */
  readonly most: number
}

/**
 * Prints what ours takes of a peer's, the median over the rounds, and whether that is within the limit. Without the
 * peer there is nothing to say.
 */
export function holds(results: Results, { of, by, peer, most }: Limit): void {
  const [ours, theirs] = [results.get(of), results.get(peer)]
  if (!ours || !theirs) return console.log(`  not measured: ${of} against ${peer}, which is not here`)
  const ratio = median(ours.map((measure, round) => measure[by] / theirs[round]![by]))
  console.log(
    `  ${ratio <= most ? 'ok  ' : 'over'} ${of}: ${ratio.toFixed(2)} of the ${by === 'cpu' ? 'CPU' : 'time'} of ${peer}, at most ${most.toFixed(2)}`,
  )
}
