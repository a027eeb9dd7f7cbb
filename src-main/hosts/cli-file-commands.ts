/** Commands on files alone: they need no data folder but for the key of pseudonyms. */
import { createImaging } from '../../src-engine/decode/pool.ts'
import { inspectFiles, parseWindow, renderFile } from '../../src-engine/decode/inspect-command.ts'
import { deidentifyFiles } from '../imaging/deidentify-command.ts'
import { pseudonyms } from '../imaging/uid-map.ts'
import { openSecrets } from '../secrets/open-secrets.ts'
import { workstationKeys } from '../secrets/workstation-keys.ts'
import { number, string, strings, UsageError, type Command } from './cli-command.ts'
import { defaultDataFolder } from './data-folder.ts'

const inspect: Command = {
  usage: 'inspect FILE… [--pixels]',
  words: [1, Infinity],
  options: { pixels: { type: 'boolean', default: false } },
  async run(words, values) {
    const imaging = createImaging()
    try {
      const json = await inspectFiles(imaging, words, { pixels: values.pixels === true })
      return { json, exit: json.every((file) => file.readable) ? 0 : 1 }
    } finally {
      await imaging.close()
    }
  },
}

const render: Command = {
  usage: 'render FILE --out F.png [--frame 1] [--size N] [--voi CENTER,WIDTH]',
  words: [1, 1],
  options: { out: { type: 'string' }, frame: { type: 'string' }, size: { type: 'string' }, voi: { type: 'string' } },
  async run([path = ''], values) {
    const out = string(values, 'out')
    if (out === undefined) throw new UsageError('--out names the picture to write')
    const voi = string(values, 'voi')
    const frame = number(values, 'frame')
    const size = number(values, 'size')
    const imaging = createImaging()
    try {
      const json = await renderFile(imaging, { path, out, ...(frame === undefined ? {} : { frame }), ...(size === undefined ? {} : { size }), ...(voi === undefined ? {} : { voi: parseWindow(voi) }) })
      return { json, exit: json.code === null ? 0 : 1 }
    } finally {
      await imaging.close()
    }
  },
}

const deidentify: Command = {
  usage: 'deidentify IN… --out DIR [--option NAME]… [--allow-pixels]',
  words: [1, Infinity],
  options: { out: { type: 'string' }, option: { type: 'string', multiple: true }, 'allow-pixels': { type: 'boolean', default: false } },
  async run(words, values) {
    const out = string(values, 'out')
    if (out === undefined) throw new UsageError('--out names the folder to write to')
    const secrets = await openSecrets(string(values, 'data') ?? defaultDataFolder('outpost'))
    if (secrets.locked) await secrets.unlock(passphrase())
    const json = deidentifyFiles({
      inputs: words, out, options: strings(values, 'option'), allowPixels: values['allow-pixels'] === true,
      pseudonyms: pseudonyms((await workstationKeys(secrets)).uidKey), now: () => performance.now(),
    })
    return { json, exit: json.refused.length === 0 ? 0 : 1 }
  },
}

/** Of the sealed file of secrets, where no keychain answers. */
export function passphrase(): string {
  const given = process.env.OUTPOST_PASSPHRASE
  if (given === undefined || given === '') throw new UsageError('No keychain answers here: set OUTPOST_PASSPHRASE to the passphrase that protects the keys of this workstation')
  return given
}

export const fileCommands: Record<string, Command> = { inspect, render, deidentify }
