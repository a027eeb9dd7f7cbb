/**
 * Refuses to start a relay that has the organisation's private key in its folders. That key opens every package that
 * the organisation ever sent, and an administrator keeps it: a thief of the relay's disk must not get packages and key.
 */
import { open, readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayConfig } from '../ports/relay-context.ts'

/** age-keygen writes two lines of comment before the identity, so that it lies within the first bytes of a file. */
const READ_BYTES = 4096
const PRIVATE_KEY_PREFIX = 'AGE-SECRET-KEY-1'
/** The names of key files that earlier versions of the relay wrote. No other program uses such names. */
const KEY_FILE_OF_EARLIER_VERSION = /^organisation-[0-9a-f-]{36}\.key$/

/**
 * Reads the files directly inside the relay's folders. In a demonstration a key that an earlier version made there is
 * removed, because a demonstration never uses it.
 * @param keysFile the file of the relay's own keys, which is not checked
 * @error organisation-key-on-relay with the path of the file
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
      if (config.demonstration !== true || !KEY_FILE_OF_EARLIER_VERSION.test(entry.name))
        throw new OutpostError('organisation-key-on-relay', { file })
      await rm(file)
    }
  }
}

async function holdsPrivateKey(file: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, 0)
    return buffer.subarray(0, bytesRead).includes(PRIVATE_KEY_PREFIX)
  } finally {
    await handle.close()
  }
}
