/**
 * The command `deidentify`: writes de-identified copies of files into a folder. From the data folder it uses only the
 * key of the pseudonyms.
 */
import { resolve } from 'node:path'
import type { Imaging } from '../../src-engine/imaging.ts'
import { deidentifyFiles } from '../imaging/deidentify-command.ts'
import { pseudonyms } from '../imaging/uid-map.ts'
import { openSecrets } from '../secrets/open-secrets.ts'
import { workstationKeys } from '../secrets/workstation-keys.ts'
import { string, strings, UsageError, type Command } from './command.ts'
import { dataFolderPath } from './data-folder.ts'

export const deidentify: Command = {
  usage: 'deidentify IN… --out DIR [--option NAME]… [--allow-pixels]',
  words: [1, Infinity],
  options: {
    out: { type: 'string' },
    option: { type: 'string', multiple: true },
    'allow-pixels': { type: 'boolean', default: false },
  },
  async run(words, values, program) {
    const out = string(values, 'out')
    if (out === undefined) throw new UsageError('--out names the folder to write to')
    const data = dataFolderPath(values)
    const secrets = await openSecrets(data)
    if (secrets.locked) await secrets.unlock(passphrase())
    const { uidKey } = await workstationKeys(secrets)
    let imaging: Promise<Imaging> | undefined
    // Few files have to be decoded, and loading the decoders takes longer than most folders take as a whole.
    const paint: Imaging['paintFrame'] = async (...request) =>
      (await (imaging ??= program.createImaging())).paintFrame(...request)
    const { withCommandLog } = await import('../audit/command-entry.ts')
    const json = await withCommandLog(data, async (record) => {
      const outcome = await deidentifyFiles({
        inputs: words,
        out,
        options: strings(values, 'option'),
        allowPixels: values['allow-pixels'] === true,
        pseudonyms: pseudonyms(uidKey),
        paint,
        now: () => performance.now(),
      })
      const { files, written, refused } = outcome
      record({ action: 'deidentify', subject: resolve(out), detail: { files, written, refused: refused.length } })
      return outcome
    }).finally(async () => (await imaging)?.close())
    return { json, exit: json.refused.length === 0 ? 0 : 1 }
  },
}

/** The passphrase of the sealed file of secrets, which is used when no keychain is available. */
function passphrase(): string {
  const passphrase = process.env.OUTPOST_PASSPHRASE
  if (passphrase === undefined || passphrase === '')
    throw new UsageError(
      'No keychain answers here: set OUTPOST_PASSPHRASE to the passphrase that protects the keys of this workstation',
    )
  return passphrase
}
