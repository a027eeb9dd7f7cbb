/** Keeps secrets in a file sealed with a passphrase, for machines without an available keychain (W9). */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hashRaw } from '@node-rs/argon2'
import sodium from 'sodium-native'
import { z } from 'zod'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { replaceFile } from '../../src-engine/files/replace-file.ts'
import { parseJson } from '../../src-core/parse-json.ts'
import type { SecretStore } from '../ports/host.ts'
import { ARGON2ID, PASSWORD_COST } from './password-cost.ts'
import { storageFailure } from '../storage/storage-failure.ts'

/**
 * The cost of new files. It is stored in each file, so that a later increase does not make existing files unreadable.
 */
const COST = {
  memoryKiB: PASSWORD_COST.memoryCost,
  passes: PASSWORD_COST.timeCost,
  lanes: PASSWORD_COST.parallelism,
} as const

/** Base64 of at least that many bytes. */
const bytesAtLeast = (count: number) => z.base64().refine((text) => Buffer.from(text, 'base64').length >= count)

const SealedFile = z.object({
  version: z.literal(1),
  kdf: z.object({
    name: z.literal('argon2id'),
    memoryKiB: z.number().int().min(1024).max(4_194_304),
    passes: z.number().int().min(1).max(64),
    lanes: z.number().int().min(1).max(64),
    salt: bytesAtLeast(8),
  }),
  nonce: z.base64().length(32),
  box: bytesAtLeast(16),
})
type SealedFile = z.infer<typeof SealedFile>
type Cost = Pick<SealedFile['kdf'], 'memoryKiB' | 'passes' | 'lanes'>

export class SealedFileSecrets implements SecretStore {
  readonly backend = 'file'
  readonly #path: string
  readonly #cost: Cost
  #open: { readonly key: Buffer; readonly kdf: SealedFile['kdf']; readonly values: Map<string, string> } | null = null
  /** Writes are queued: of two writes at the same time, each would lose the other's value. */
  #writing: Promise<void> = Promise.resolve()

  /** @param cost for new files; smaller only in tests */
  constructor(path: string, cost: Cost = COST) {
    this.#path = path
    this.#cost = cost
  }

  get locked(): boolean {
    return this.#open === null
  }

  get firstUse(): boolean {
    return !existsSync(this.#path)
  }

  /** Opens the file; at first use it sets the passphrase. @error wrong-passphrase, secrets-damaged, disk-full */
  async unlock(passphrase: string): Promise<void> {
    if (this.firstUse) {
      const kdf = { name: 'argon2id' as const, ...this.#cost, salt: randomBytes(16).toString('base64') }
      this.#open = { kdf, key: await derive(passphrase, kdf), values: new Map() }
      await this.#save()
      return
    }
    const file = readSealed(this.#path)
    const key = await derive(passphrase, file.kdf)
    const box = Buffer.from(file.box, 'base64')
    const plain = Buffer.alloc(Math.max(box.length - 16, 0))
    try {
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain,
        null,
        box,
        associated(file.kdf),
        Buffer.from(file.nonce, 'base64'),
        key,
      )
    } catch (error) {
      throw new OutpostError('wrong-passphrase', {}, { cause: error })
    }
    this.#open = {
      key,
      kdf: file.kdf,
      values: new Map(Object.entries(parseJson(plain.toString('utf8'), SecretValues, 'secrets-damaged'))),
    }
    sodium.sodium_memzero(plain)
  }

  async get(name: string): Promise<string | null> {
    return this.#unlocked().values.get(name) ?? null
  }

  async set(name: string, value: string): Promise<void> {
    this.#unlocked().values.set(name, value)
    await this.#save()
  }

  async remove(name: string): Promise<void> {
    if (this.#unlocked().values.delete(name)) await this.#save()
  }

  #unlocked() {
    if (!this.#open) throw new OutpostError('secrets-locked')
    return this.#open
  }

  #save(): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const { key, kdf, values } = this.#unlocked()
    const plain = Buffer.from(JSON.stringify(Object.fromEntries(values)), 'utf8')
    const nonce = randomBytes(24)
    const box = Buffer.alloc(plain.length + 16)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(box, plain, associated(kdf), null, nonce, key)
    sodium.sodium_memzero(plain)
    const file: SealedFile = { version: 1, kdf, nonce: nonce.toString('base64'), box: box.toString('base64') }
    try {
      await replaceFile(this.#path, JSON.stringify(file))
    } catch (error) {
      throw storageFailure(error)
    }
  }
}

const SecretValues = z.record(z.string(), z.string())

/** @error secrets-damaged; the file is not changed */
function readSealed(path: string): SealedFile {
  try {
    return parseJson(readFileSync(path, 'utf8'), SealedFile, 'secrets-damaged')
  } catch (error) {
    throw new OutpostError('secrets-damaged', {}, { cause: error })
  }
}

/** The cost is authenticated with the sealed box, so that an attacker cannot lower it to make guessing cheaper. */
function associated(kdf: SealedFile['kdf']): Buffer {
  return Buffer.from(`outpost secrets v1 ${kdf.name} ${kdf.memoryKiB} ${kdf.passes} ${kdf.lanes} ${kdf.salt}`, 'utf8')
}

async function derive(passphrase: string, kdf: SealedFile['kdf']): Promise<Buffer> {
  return hashRaw(passphrase.normalize('NFKC'), {
    algorithm: ARGON2ID,
    memoryCost: kdf.memoryKiB,
    timeCost: kdf.passes,
    parallelism: kdf.lanes,
    outputLen: 32,
    salt: Buffer.from(kdf.salt, 'base64'),
  })
}
