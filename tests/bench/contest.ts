/** Measures several programs in turns within one run, so that they meet the same conditions. */
import { spawnSync } from 'node:child_process'

/** Seconds of CPU time, including a program's children, and of wall time. */
export interface Measure {
  readonly cpu: number
  readonly wall: number
}
export type Contestants = Readonly<Record<string, () => Measure | Promise<Measure>>>
export type Results = ReadonlyMap<string, readonly Measure[]>

/** Runs a program and returns what it took; the shell counts the CPU time of its children. @error when it fails */
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

/** Measures the CPU time of this process, including its compiler and garbage collector. */
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

/** @param before runs before every turn and is not measured */
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
  return [...values].sort((first, second) => first - second)[values.length >> 1]!
}

export function print(title: string, results: Results): void {
  console.log(title)
  for (const [name, measures] of results)
    console.log(
      `  ${name.padEnd(34)} CPU ${median(measures.map(({ cpu }) => cpu)).toFixed(3)} s` +
        `   wall ${median(measures.map(({ wall }) => wall)).toFixed(3)} s`,
    )
}

export interface Limit {
  readonly of: string
  readonly by: 'cpu' | 'wall'
  readonly peer: string
  /** The highest allowed ratio to the peer. */
  readonly most: number
}

/**
 * Prints how much a program takes of what its peer takes, as the median over the rounds, and whether that is within the
 * limit. It prints nothing when the peer was not measured.
 */
export function holds(results: Results, { of, by, peer, most }: Limit): void {
  const [ours, theirs] = [results.get(of), results.get(peer)]
  if (!ours || !theirs) return console.log(`  not measured: ${of} against ${peer}, which is not here`)
  const ratio = median(ours.map((measure, round) => measure[by] / theirs[round]![by]))
  console.log(
    `  ${ratio <= most ? 'ok  ' : 'over'} ${of}: ` +
      `${ratio.toFixed(2)} of the ${by === 'cpu' ? 'CPU' : 'time'} of ${peer}, at most ${most.toFixed(2)}`,
  )
}
