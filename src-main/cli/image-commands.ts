/** Commands that read image files and need no data folder. */
import { inspectFiles, parseWindow, renderFile } from '../../src-engine/decode/inspect-command.ts'
import { resolve } from 'node:path'
import { dataFolderPath } from './data-folder.ts'
import { number, string, UsageError, type Command } from './command.ts'

export const inspect: Command = {
  usage: 'inspect FILE… [--pixels]',
  words: [1, Infinity],
  options: { pixels: { type: 'boolean', default: false } },
  async run(words, values, program) {
    const imaging = await program.createImaging()
    try {
      const json = await inspectFiles(imaging, words, { pixels: values.pixels === true })
      return { json, exit: json.every((file) => file.readable) ? 0 : 1 }
    } finally {
      await imaging.close()
    }
  },
}

export const render: Command = {
  usage: 'render FILE --out F.png [--frame 1] [--size N] [--voi CENTER,WIDTH]',
  words: [1, 1],
  options: { out: { type: 'string' }, frame: { type: 'string' }, size: { type: 'string' }, voi: { type: 'string' } },
  async run([path = ''], values, program) {
    const out = string(values, 'out')
    if (out === undefined) throw new UsageError('--out names the picture to write')
    const voi = string(values, 'voi')
    const frame = number(values, 'frame')
    const size = number(values, 'size')
    const imaging = await program.createImaging()
    try {
      const { withCommandLog } = await import('../audit/command-entry.ts')
      const json = await withCommandLog(dataFolderPath(values), async (record) => {
        const answer = await renderFile(imaging, {
          path,
          out,
          ...(frame === undefined ? {} : { frame }),
          ...(size === undefined ? {} : { size }),
          ...(voi === undefined ? {} : { voi: parseWindow(voi) }),
        })
        if (answer.code === null) record({ action: 'render', subject: resolve(path), detail: { out: resolve(out) } })
        return answer
      })
      return { json, exit: json.code === null ? 0 : 1 }
    } finally {
      await imaging.close()
    }
  },
}
