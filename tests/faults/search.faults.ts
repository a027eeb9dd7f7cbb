/**
 * npm run faults -- search [MINUTES=1] [SEED] [FOLDER] searches for damaged files on which the reader, index,
 * de-identifier or renderer fails. A file that reaches new code joins the queue in FOLDER and is damaged further; a
 * later search in the same folder continues from there. Without FOLDER the folder is temporary, and is kept when a
 * fault was found.
 * It fails on a crash, an error without a code, or more time or memory than damaged files may take; each finding is
 * tried again alone before it counts.
 * npm run faults -- search replay FILE tries one file.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import type { SearchMessage } from '../support/search-process.ts'
import type { SearchFinding } from '../support/search-trial.ts'

const entry = path.resolve(import.meta.dirname, '../support/search-process.ts')
const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')

function start(argv: readonly string[]): ChildProcess {
  return fork(entry, [...argv], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
}

/** Returns why a process ended that was not ended on purpose. */
function findingOf(exit: number | null, signal: string | null): SearchFinding | null {
  if (signal === 'SIGTERM') return { kind: 'hang', signature: 'ended by its watch', what: 'never came back' }
  if (signal === 'SIGKILL')
    return { kind: 'memory', signature: 'ended by its watch', what: 'more than 3 GiB, or ended by the system' }
  return exit === 0
    ? null
    : { kind: 'crash', signature: `exit ${exit ?? signal}`, what: `the process ended with ${exit ?? signal}` }
}

/** Tries a file in a process of its own. */
function replay(file: string): Promise<readonly SearchFinding[]> {
  return new Promise((resolve) => {
    const child = start(['replay', file])
    let findings: readonly SearchFinding[] = []
    child.on('message', (message: SearchMessage) => {
      if (message.type === 'replayed') findings = message.findings
    })
    child.on('exit', (exit, signal) => {
      const died = findingOf(exit, signal)
      resolve(died ? [died] : findings)
    })
  })
}

interface Totals {
  inputs: number
  mutants: number
  queue: number
  reached: number
}

class Search {
  readonly folder: string
  readonly until: number
  /** The file of each fault, by the fault's signature. */
  readonly found = new Map<string, string>()
  private readonly judging = new Map<string, Promise<void>>()
  private readonly progress = new Map<number, Totals>()

  constructor(folder: string, until: number) {
    this.folder = folder
    this.until = until
  }

  /** Tries the files again that an earlier search found: a mended one may lead to further faults. */
  async tryAgain(): Promise<void> {
    for (const name of readdirSync(path.join(this.folder, 'found'))) {
      const file = path.join(this.folder, 'found', name)
      const [finding] = await replay(file)
      if (finding) this.tell(file, finding)
      else renameSync(file, path.join(this.folder, 'queue', name.replace(/^[a-z]+-/, '')))
    }
  }

  async run(seed: number): Promise<void> {
    for (let round = 0; Date.now() < this.until; round++) {
      await new Promise<void>((resolve) => {
        const child = start(['search', this.folder, corpus, String(seed + round), String(this.until)])
        const pid = child.pid ?? 0
        child.on('message', (message: SearchMessage) => {
          if (message.type === 'progress') this.progress.set(pid, message)
          if (message.type === 'found') this.judge(message.file, message.finding)
        })
        child.on('exit', (exit, signal) => {
          const died = findingOf(exit, signal)
          const running = path.join(this.folder, `running-${pid}.dcm`)
          const suspect = path.join(this.folder, `suspect-${pid}-${Date.now()}.dcm`)
          if (died && existsSync(running)) {
            renameSync(running, suspect)
            this.judge(suspect, died)
          }
          rmSync(running, { force: true })
          resolve()
        })
      })
    }
    while (this.judging.size > 0) await Promise.all(this.judging.values())
  }

  /** Judges each fault only once. */
  private judge(file: string, finding: SearchFinding): void {
    const signature = `${finding.kind} ${finding.signature}`
    if (this.found.has(signature) || this.judging.has(signature)) {
      if (!this.judging.has(signature)) rmSync(file, { force: true })
      return
    }
    this.judging.set(
      signature,
      (async () => {
        const [confirmed] = await replay(file)
        if (confirmed && existsSync(file)) {
          const confirmedFile = path.join(this.folder, 'found', path.basename(file).replace('suspect', confirmed.kind))
          renameSync(file, confirmedFile)
          this.tell(confirmedFile, confirmed)
          // The first signature is recorded too.
          this.found.set(signature, confirmedFile)
        } else rmSync(file, { force: true })
        this.judging.delete(signature)
      })(),
    )
  }

  private tell(file: string, { kind, signature, what }: SearchFinding): void {
    this.found.set(`${kind} ${signature}`, file)
    console.log(`${kind}: ${what}\n  again: npm run faults -- search replay ${file}`)
  }

  line(): string {
    const totals: Totals = { inputs: 0, mutants: 0, queue: 0, reached: 0 }
    for (const one of this.progress.values()) {
      totals.inputs += one.inputs
      totals.mutants += one.mutants
      totals.queue = Math.max(totals.queue, one.queue)
      totals.reached = Math.max(totals.reached, one.reached)
    }
    return (
      `${totals.inputs} inputs, ${totals.mutants} of them mutants; ${totals.queue} in the queue, ` +
      `${totals.reached} characters of code reached; ${new Set(this.found.values()).size} faults`
    )
  }
}

const [first = '1', seed = String(Date.now() % 1_000_000), given] = process.argv.slice(2)
if (first === 'replay') {
  const findings = await replay(path.resolve(seed))
  for (const { kind, what } of findings) console.log(`${kind}: ${what}`)
  if (findings.length === 0) console.log('taken well')
  process.exit(findings.length > 0 ? 1 : 0)
}
const minutes = Number(first)
if (!(minutes > 0) || !Number.isInteger(Number(seed))) {
  console.error('npm run faults -- search [MINUTES] [SEED] [FOLDER]')
  process.exit(2)
}
const folder = given ? path.resolve(given) : mkdtempSync(path.join(tmpdir(), 'search-'))
for (const name of ['queue', 'found']) mkdirSync(path.join(folder, name), { recursive: true })
for (const name of readdirSync(folder)) if (/^(running|suspect)-/.test(name)) rmSync(path.join(folder, name))
console.log(`search: ${minutes} minutes, seed ${seed}, in ${folder}`)
const search = new Search(folder, Date.now() + minutes * 60_000)
await search.tryAgain()
const clock = setInterval(() => console.log(search.line()), 30_000)
// One core is left for other work on the machine.
const processes = Math.max(1, availableParallelism() - 1)
await Promise.all(Array.from({ length: processes }, (_, index) => search.run(Number(seed) + index * 1_000)))
clearInterval(clock)
console.log(search.line())
// A temporary folder without faults is removed.
if (!given && search.found.size === 0) rmSync(folder, { recursive: true, force: true })
process.exit(search.found.size > 0 ? 1 : 0)
