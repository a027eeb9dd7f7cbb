/**
 * The organisation's private key opens every package that was ever sent. It belongs to an administrator, and must never
 * lie beside the relay's data: who takes that disk would hold both.
 */
import { open, readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayConfig } from '../ports/relay-context.ts'

/** A file with an age identity has it within its first lines; age-keygen writes two lines of comment before. */
const READ_BYTES = 4096
const PRIVATE_KEY = 'AGE-SECRET-KEY-1'
/** What relays before this version, and nobody else, named the keys that they made. */
const MADE_BY_EARLIER_RELAYS = /^organisation-[0-9a-f-]{36}\.key$/

/**
 * Looks at the files directly inside the relay's folders. In a demonstration, a key that an earlier version made there
 * is removed: nobody needs it.
 * @param keysFile the relay's own keys, which stay
 * @error organisation-key-on-relay with the file
 */
export async function checkOrganisationKeys(config: RelayConfig, keysFile: string): Promise<void> {
  const folders = new Set(
    [dirname(keysFile), 'embedded' in config.database ? config.database.embedded : config.objects.folder].map(
      (folder) => resolve(folder),
    ),
  )
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const file = join(folder, entry.name)
      if (!entry.isFile() || file === resolve(keysFile) || !(await holdsPrivateKey(file))) continue
      if (config.demonstration !== true || !MADE_BY_EARLIER_RELAYS.test(entry.name))
        throw new OutpostError('organisation-key-on-relay', { file })
      await rm(file)
    }
  }
}

async function holdsPrivateKey(file: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, 0)
    return buffer.subarray(0, bytesRead).includes(PRIVATE_KEY)
  } finally {
    await handle.close()
  }
}
