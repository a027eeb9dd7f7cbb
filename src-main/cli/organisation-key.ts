import { open } from 'node:fs/promises'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { string, UsageError, type Command } from './command.ts'

/**
 * Creates an organisation key on the administrator's machine. The private part is written to a file; the public part is
 * printed for the relay's seed file.
 */
export const organisationKey: Command = {
  usage: 'organisation-key --out FILE',
  words: [0, 0],
  options: { out: { type: 'string' } },
  async run(_words, values) {
    const out = string(values, 'out')
    if (out === undefined) throw new UsageError('--out takes the file for the private key')
    const { identity, recipient } = await newIdentity()
    // An existing key file is never overwritten: packages that were sealed to its key could no longer be opened.
    const file = await open(out, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
      throw cause.code === 'EEXIST'
        ? new OutpostError('file-exists', {}, { cause })
        : new OutpostError('file-not-writable', {}, { cause })
    })
    try {
      await file.writeFile(`# public key: ${recipient}\n${identity}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    return {
      json: { recipient },
      text:
        `${recipient}\n\nPut this line into the relay's seed file, as "recipient" of the organisation. ` +
        `Keep the private key in ${out} away from the relay.`,
    }
  },
}
