/** Reads pixels by independent decoders, GDCM and pydicom with Pillow; each file in its own process. */
import { spawnSync } from 'node:child_process'

const PYTHON = '/usr/bin/python3'
export const hasForeignDecoders = spawnSync(PYTHON, ['-c', 'import pydicom, gdcm, numpy, PIL']).status === 0

const SCRIPT = `
import sys, os, hashlib, warnings, logging
warnings.filterwarnings('ignore'); logging.disable(logging.CRITICAL)
import gdcm, pydicom, numpy
gdcm.Trace.WarningOff(); gdcm.Trace.ErrorOff()
def by_gdcm(name):
    reader = gdcm.ImageReader(); reader.SetFileName(name)
    if not reader.Read(): return ''
    return hashlib.sha1(reader.GetImage().GetBuffer().encode('utf8', 'surrogateescape')).hexdigest()
def by_pydicom(name):
    from pydicom.pixel_data_handlers import pillow_handler, rle_handler, numpy_handler
    pydicom.config.pixel_data_handlers = [numpy_handler, rle_handler, pillow_handler]
    pixels = pydicom.dcmread(name).pixel_array
    return hashlib.sha1(pixels.astype('<i8').tobytes()).hexdigest()
def apart(work, name):
    sys.stdout.flush()
    there, here = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        answer = ''
        try: answer = work(name)
        except BaseException: pass
        os.write(here, answer.encode()); os._exit(0)
    os.close(here)
    answer = os.read(there, 200).decode(); os.close(there); os.waitpid(child, 0)
    return answer
for line in sys.stdin:
    name = line.rstrip('\\n')
    print(apart(by_gdcm, name) + '\\t' + apart(by_pydicom, name))
`

/** Returns hashes of the pixels of each file; empty where a decoder cannot read it. */
export function foreignPixels(files: readonly string[]): { readonly gdcm: string; readonly pydicom: string }[] {
  const { stdout } = spawnSync(PYTHON, ['-c', SCRIPT], { input: `${files.join('\n')}\n`, encoding: 'utf8' })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [gdcm = '', pydicom = ''] = line.split('\t')
      return { gdcm, pydicom }
    })
}
