/** Keeps secrets in the operating system's keychain through keytar, where one is available (W9). */
import { randomBytes } from 'node:crypto'
import type { SecretStore } from '../ports/host.ts'

/** The functions of keytar that are used. */
export interface Keychain {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

const SERVICE = 'Outpost'
/** Limit for an answer in ms. A locked or missing keychain daemon can leave a call without an answer. */
const ANSWER_WITHIN_MS = 5_000

/** Returns keytar when it is installed and the keychain can store, read and remove a value; null otherwise. */
export async function detectKeychain(load: () => Promise<Keychain> = loadKeytar): Promise<Keychain | null> {
  const probe = async (): Promise<Keychain | null> => {
    const keychain = await load()
    const account = `probe-${randomBytes(6).toString('hex')}`
    await keychain.setPassword(SERVICE, account, account)
    const same = (await keychain.getPassword(SERVICE, account)) === account
    await keychain.deletePassword(SERVICE, account)
    return same ? keychain : null
  }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, null)
  })
  return Promise.race([probe().catch(() => null), late]).finally(() => clearTimeout(timer))
}

async function loadKeytar(): Promise<Keychain> {
  const name = 'keytar'
  const module = (await import(name)) as Keychain & { default?: Keychain }
  return module.default ?? module
}

/** @param scope distinguishes data folders that share one keychain */
export function keychainSecrets(keychain: Keychain, scope: string): SecretStore {
  const account = (name: string) => `${scope}:${name}`
  return {
    backend: 'keychain',
    locked: false,
    firstUse: false,
    unlock: async () => {},
    get: (name) => keychain.getPassword(SERVICE, account(name)),
    set: (name, value) => keychain.setPassword(SERVICE, account(name), value),
    remove: async (name) => {
      await keychain.deletePassword(SERVICE, account(name))
    },
  }
}
