/**
 * npm run bench -- render: milliseconds of CPU for one 512 × 512 CT frame to PNG, JPEG and a 256-pixel thumbnail, beside dcmj2pnm and
 * pydicom with PIL in the same run. Every program renders all frames of one file in one process; starting it is left out.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { imageAttributes, part10 } from '../../src-engine/decode/part10.fixture.ts'
import { runTask } from '../../src-engine/decode/task.ts'

const FRAMES = 20
const ROUNDS = 3
const SIDE = 512
const WORKS = ['png', 'jpeg', 'thumbnail'] as const
type Work = (typeof WORKS)[number]

/** A body with bones, soft tissue and noise, as words of a CT with its intercept of −1024. */
function phantom(frame: number): Uint16Array {
  let seed = frame + 1
  const noise = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648 - 0.5
  }
  return Uint16Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = (i % SIDE) / SIDE - 0.5
    const y = Math.floor(i / SIDE) / SIDE - 0.5
    const inside = (x / 0.42) ** 2 + (y / 0.3) ** 2 < 1
    const bone = (x / 0.06) ** 2 + ((y - 0.15) / 0.05) ** 2 < 1
    const air = (Math.abs(x) - 0.2) ** 2 / 0.01 + y ** 2 / 0.02 < 1
    const value = bone ? 1900 : inside ? (air ? 200 : 1060 + 30 * Math.sin(x * 40 + frame)) : 20
    return Math.max(0, Math.round(value + noise() * (inside ? 40 : 8)))
  })
}

/** The phantom in every transfer syntax that the installed tools write. */
function makeFiles(folder: string): Map<string, string> {
  const native = path.join(folder, 'native.dcm')
  const words = new Uint16Array(SIDE * SIDE * FRAMES)
  for (let frame = 0; frame < FRAMES; frame++) words.set(phantom(frame), frame * SIDE * SIDE)
  writeFileSync(native, part10('1.2.840.10008.1.2.1', imageAttributes(SIDE, SIDE, new Uint8Array(words.buffer), [
    [0x00080060, 'CS', 'CT'], [0x00280008, 'IS', String(FRAMES)], [0x00281050, 'DS', '40'], [0x00281051, 'DS', '400'], [0x00281052, 'DS', '-1024'], [0x00281053, 'DS', '1'],
    [0x00280101, 'US', 12], [0x00280102, 'US', 11],
  ])))
  const files = new Map([['native', native]])
  const tools: [string, string, string[]][] = [['RLE', 'dcmcrle', []], ['JPEG lossless', 'dcmcjpeg', []], ['JPEG-LS', 'dcmcjpls', []], ['JPEG 2000', 'gdcmconv', ['--j2k']]]
  for (const [name, tool, options] of tools) {
    const out = path.join(folder, `${name.replaceAll(' ', '-')}.dcm`)
    if (spawnSync(tool, [...options, native, out]).status === 0 && existsSync(out)) files.set(name, out)
  }
  return files
}

async function ours(file: string, work: Work): Promise<number> {
  const before = process.cpuUsage()
  for (let frame = 1; frame <= FRAMES; frame++) {
    await runTask({ kind: 'render', source: { path: file }, request: { frame, format: work === 'png' ? 'png' : 'jpeg', quality: work === 'jpeg' ? 90 : 80, ...(work === 'thumbnail' && { size: 256 }) } }, () => {})
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / FRAMES
}

const PYTHON = `
import sys, io, resource, warnings; warnings.simplefilter('ignore')
import pydicom, numpy as np
from PIL import Image
path, work = sys.argv[1:]
cpu = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
before = cpu()
ds = pydicom.dcmread(path)
frames = ds.pixel_array
for a in frames:
    g = (np.clip((a.astype(np.float32) - 1024 + 160) / 400, 0, 1) * 255).astype(np.uint8)
    im = Image.fromarray(g); out = io.BytesIO()
    if work == 'thumbnail': im.thumbnail((256, 256)); im.save(out, 'JPEG', quality=80)
    elif work == 'jpeg': im.save(out, 'JPEG', quality=90)
    else: im.save(out, 'PNG')
print((cpu() - before) * 1000 / len(frames))
`

function pydicom(file: string, work: Work): number | null {
  const { status, stdout } = spawnSync('/usr/bin/python3', ['-c', PYTHON, file, work], { encoding: 'utf8' })
  return status === 0 ? Number(stdout) : null
}

/** CPU milliseconds of a command, by the shell's own count of its children. */
function cpuOf(command: string[]): number | null {
  const { status, stdout } = spawnSync('bash', ['-c', '"$@" >/dev/null 2>&1 || exit 1; times', 'bash', ...command], { encoding: 'utf8' })
  if (status !== 0) return null
  const [user = 0, system = 0] = (stdout.trim().split('\n').at(-1) ?? '').split(' ').map((time) => {
    const [minutes = 0, seconds = 0] = time.replace('s', '').split('m').map(Number)
    return (minutes * 60 + seconds) * 1000
  })
  return user + system
}

function dcmj2pnm(folder: string, file: string, work: Work): number | null {
  const tool = file.includes('JPEG-LS') ? 'dcml2pnm' : 'dcmj2pnm'
  const options = work === 'png' ? ['+on'] : work === 'jpeg' ? ['+oj', '+Jq', '90'] : ['+oj', '+Jq', '80', '+Sxv', '256']
  const out = path.join(folder, 'dcmtk')
  const all = cpuOf([tool, '+Wi', '1', '+Fa', ...options, file, out])
  const one = cpuOf([tool, '+Wi', '1', '+F', '1', ...options, file, out])
  return all === null || one === null ? null : (all - one) / (FRAMES - 1)
}

/** The least of what was measured: the rest is other programs. */
const least = (values: (number | null)[]): number | null => values.reduce((best, value) => (value === null ? best : best === null ? value : Math.min(best, value)), null)

const folder = mkdtempSync(path.join(tmpdir(), 'bench-render-'))
try {
  const rows: Record<string, string>[] = []
  for (const [syntax, file] of makeFiles(folder)) {
    for (const work of WORKS) {
      const measured: Record<'outpost' | 'dcmj2pnm' | 'pydicom', (number | null)[]> = { outpost: [], dcmj2pnm: [], pydicom: [] }
      for (let round = 0; round < ROUNDS; round++) {
        measured.outpost.push(await ours(file, work))
        measured.dcmj2pnm.push(dcmj2pnm(folder, file, work))
        measured.pydicom.push(pydicom(file, work))
      }
      const [mine, dcmtk, python] = [least(measured.outpost), least(measured.dcmj2pnm), least(measured.pydicom)]
      const text = (value: number | null): string => (value === null ? '–' : value.toFixed(2))
      const ratio = (value: number | null): string => (value === null || !mine ? '–' : `${(value / mine).toFixed(1)}×`)
      rows.push({ syntax, to: work, 'outpost ms': text(mine), 'dcmj2pnm ms': text(dcmtk), 'pydicom ms': text(python), 'dcmj2pnm / outpost': ratio(dcmtk), 'pydicom / outpost': ratio(python) })
    }
  }
  console.table(rows)
  console.log(execFileSync('uname', ['-srm'], { encoding: 'utf8' }).trim(), process.version)
} finally {
  rmSync(folder, { recursive: true })
}
