/**
 * Chooses where secrets are kept: in the keychain when one is available, else in a sealed file; never as plain text
 * (W9).
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SecretStore } from '../ports/host.ts'
import { detectKeychain, keychainSecrets, type Keychain } from './keychain.ts'
import { SealedFileSecrets } from './sealed-file.ts'

/**
 * A data folder with a sealed file continues to use it, so that a keychain which appears later does not hide its
 * secrets.
 * @param keychain null: there is no keychain; absent: that of the operating system
 */
export async function openSecrets(dataFolder: string, keychain?: Keychain | null): Promise<SecretStore> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const path = join(dataFolder, 'secrets.json')
  const usable = existsSync(path) ? null : keychain === undefined ? await detectKeychain() : keychain
  if (!usable) return new SealedFileSecrets(path)
  return keychainSecrets(usable, createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 16))
}
