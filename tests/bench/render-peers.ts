/** The programs that rendering is compared with, in milliseconds of CPU time per frame. */
import { spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { SLICES } from './ct-slices.ts'

export type Work = 'png' | 'jpeg' | 'thumbnail'

/**
 * Reads, windows and encodes every file that a line names, and prints the CPU time; the window is the one in the file.
 */
const PYTHON = `
import sys, io, resource, warnings; warnings.simplefilter('ignore')
import pydicom, numpy as np, gdcm
from PIL import Image
def cpu(): used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
for line in sys.stdin:
    work, *paths = line.rstrip('\\n').split('\\t')
    before = cpu()
    for path in paths:
        ds = pydicom.dcmread(path)
        a = ds.pixel_array
        if a.dtype != np.uint8:
            a = a * np.float32(1) - 1024
            a = (np.clip((a + 160) / 400, 0, 1) * 255).astype(np.uint8)
        im = Image.fromarray(a); out = io.BytesIO()
        if work == 'thumbnail': im.thumbnail((256, 256)); im.save(out, 'JPEG', quality=80)
        elif work == 'jpeg': im.save(out, 'JPEG', quality=90)
        else: im.save(out, 'PNG')
    print((cpu() - before) * 1000 / len(paths), flush=True)
`

export interface Pydicom {
  /** Null when it cannot do this. */
  measure(files: readonly string[], work: Work): Promise<number | null>
  close(): void
}

/** Starts one process for all measurements, so that it is as warm as Outpost. */
export function startPydicom(): Pydicom {
  const python = spawn('/usr/bin/python3', ['-c', PYTHON], { stdio: ['pipe', 'pipe', 'ignore'] })
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  python.stdin.on('error', () => {})
  return {
    measure: async (files, work) => {
      python.stdin.write(`${[work, ...files].join('\t')}\n`)
      const { value, done } = await answers.next()
      return done ? null : Number(value)
    },
    close: () => {
      python.kill()
    },
  }
}

/** Renders all frames of one file in one process. The first frame, with the start of the process, is left out. */
export function dcmj2pnm(folder: string, file: string, work: Work): number | null {
  const tool = file.endsWith('JPEG-LS.dcm') ? 'dcml2pnm' : 'dcmj2pnm'
  const options =
    work === 'png' ? ['+on'] : work === 'jpeg' ? ['+oj', '+Jq', '90'] : ['+oj', '+Jq', '80', '+Sxv', '256']
  const out = path.join(folder, 'dcmtk')
  const allFrames = cpuOf([tool, '+Wi', '1', '+Fa', ...options, file, out])
  const firstFrame = cpuOf([tool, '+Wi', '1', '+F', '1', ...options, file, out])
  return allFrames === null || firstFrame === null ? null : (allFrames - firstFrame) / (SLICES - 1)
}

/** Returns the CPU milliseconds of a command, as the shell counts its children. */
function cpuOf(command: readonly string[]): number | null {
  const { status, stdout } = spawnSync('bash', ['-c', '"$@" >/dev/null 2>&1 || exit 1; times', 'bash', ...command], {
    encoding: 'utf8',
  })
  if (status !== 0) return null
  const [user = 0, system = 0] = (stdout.trim().split('\n').at(-1) ?? '').split(' ').map((time) => {
    const [minutes = 0, seconds = 0] = time.replace('s', '').split('m').map(Number)
    return (minutes * 60 + seconds) * 1000
  })
  return user + system
}
