/**
 * Measures the CPU milliseconds to render one 512 × 512 CT slice as PNG, JPEG (quality 90) and thumbnail (256 pixels,
 * quality 80), and compares them with pydicom with PIL (one file per slice) and dcmj2pnm (the slices as frames of one
 * file). All run in turns, in processes that are already running, after a round of warm-up; no file is still open from
 * before. Outpost is so fast that one measurement repeats the slices several times.
 * Usage: npm run bench -- render [ROUNDS=5] [SYNTAX…]
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runTask } from '../../src-engine/decode-process/task.ts'
import { makeSlices, SLICES, type SliceFiles } from './ct-slices.ts'
import { dcmj2pnm, startPydicom, type Pydicom, type Work } from './render-peers.ts'

/** The minimum milliseconds of one measurement of Outpost. */
const MIN_MS = 150
const WORKS: readonly Work[] = ['png', 'jpeg', 'thumbnail']
type Peer = 'dcmj2pnm' | 'pydicom'

/** Returns the most that Outpost may use of a peer's CPU time. */
function limitOf(syntax: string, work: Work, peer: Peer): number | null {
  if (peer === 'dcmj2pnm') return syntax === 'native' && work === 'thumbnail' ? 0.6 : null
  if (work === 'thumbnail' && syntax === 'native') return 1 / 3
  if (work === 'thumbnail' && syntax === 'JPEG 2000') return 1 / 3
  if (syntax === 'JPEG lossless' || (work === 'thumbnail' && syntax.startsWith('JPEG lossless'))) return 1 / 2
  if (work !== 'png') return null
  return syntax === 'JPEG 2000' ? 1 : 1 / 2
}

/** @param frames path and frame number of each picture */
async function ours(frames: readonly (readonly [file: string, frame: number])[], work: Work): Promise<number> {
  const files = new Set(frames.map(([file]) => file))
  let milliseconds = 0
  let passes = 0
  for (; milliseconds < MIN_MS; passes++) {
    // A new modification time makes it a new file for the cache, so that it is opened again.
    for (const file of files) utimesSync(file, new Date(), new Date())
    const before = process.cpuUsage()
    for (const [file, frame] of frames) {
      await runTask(
        {
          kind: 'render',
          source: { path: file },
          request: {
            frame,
            format: work === 'png' ? 'png' : 'jpeg',
            quality: work === 'jpeg' ? 90 : 80,
            ...(work === 'thumbnail' && { size: 256 }),
          },
        },
        () => {},
      )
    }
    const { user, system } = process.cpuUsage(before)
    milliseconds += (user + system) / 1000
  }
  return milliseconds / passes / frames.length
}

interface Measured {
  readonly mine: number
  readonly peer: number
}

async function against(
  peer: Peer,
  { slices, multiframe }: SliceFiles,
  work: Work,
  folder: string,
  pydicom: Pydicom,
): Promise<Measured | null> {
  if (peer === 'pydicom') {
    const mine = await ours(
      slices.map((file) => [file, 1]),
      work,
    )
    const theirs = await pydicom.measure(slices, work)
    return theirs === null ? null : { mine, peer: theirs }
  }
  const mine = await ours(
    slices.map((_, index) => [multiframe, index + 1]),
    work,
  )
  const theirs = dcmj2pnm(folder, multiframe, work)
  return theirs === null ? null : { mine, peer: theirs }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const rounds = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 5)
const folder = mkdtempSync(path.join(tmpdir(), 'bench-render-'))
const pydicom = startPydicom()
try {
  const files = makeSlices(
    folder,
    process.argv.slice(2).filter((word) => !/^\d+$/.test(word)),
  )
  const comparisons = files.flatMap((sliceFiles) =>
    WORKS.flatMap((work) =>
      (['dcmj2pnm', 'pydicom'] as const).map((peer) => ({ sliceFiles, work, peer, measured: [] as Measured[] })),
    ),
  )
  for (let round = 0; round <= rounds; round++) {
    for (const { sliceFiles, work, peer, measured } of comparisons) {
      const result = await against(peer, sliceFiles, work, folder, pydicom)
      if (result && round > 0) measured.push(result)
    }
  }
  console.table(
    comparisons
      .filter(({ measured }) => measured.length > 0)
      .map(({ sliceFiles: { syntax }, work, peer, measured }) => {
        const ratio = median(measured.map(({ mine, peer: theirs }) => mine / theirs))
        const limit = limitOf(syntax, work, peer)
        return {
          syntax,
          to: work,
          'outpost ms': median(measured.map(({ mine }) => mine)).toFixed(2),
          peer,
          'peer ms': median(measured.map(({ peer: theirs }) => theirs)).toFixed(2),
          ratio: ratio.toFixed(3),
          limit: limit === null ? '' : limit.toFixed(3),
          verdict: limit === null ? '' : ratio <= limit ? 'ok' : 'over',
        }
      }),
  )
  console.log(
    `${rounds} rounds of ${SLICES} slices, medians;`,
    execFileSync('uname', ['-srm'], { encoding: 'utf8' }).trim(),
    process.version,
  )
} finally {
  pydicom.close()
  rmSync(folder, { recursive: true })
}
