/**
 * The relay's own keys, which are made at the first start. They are in a file and never in the database, so that a copy
 * of the database is not enough to open anything.
 */
import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import sodium from 'sodium-native'
import type { RelayKeys } from '../ports/relay-context.ts'
import { z } from 'zod'
import { parseJson } from '../../src-core/parse-json.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'

const KeysFile = z.object({ relayKey: z.string(), identity: z.string() })

/** Reads the keys, or makes them. Of several processes that start at the same time, exactly one makes the keys. */
export async function openRelayKeys(file: string): Promise<RelayKeys> {
  await mkdir(dirname(file), { recursive: true })
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      const newKeys = { relayKey: randomBytes(32).toString('base64url'), identity: await generateX25519Identity() }
      await handle.writeFile(JSON.stringify(newKeys))
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const text = await readFile(file, 'utf8')
    if (text.endsWith('}')) {
      const { relayKey, identity } = parseJson(text, KeysFile, 'internal')
      return { relayKey: Buffer.from(relayKey, 'base64url'), identity, recipient: await identityToRecipient(identity) }
    }
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new OutpostError('internal')
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Seals personal data of a share with ChaCha20-Poly1305, under a key that is derived from relay key and server secret.
 * @param purpose names the kind of data; data that was sealed for one purpose does not open for another
 */
export function sealForShare(
  keys: RelayKeys,
  secret: Uint8Array,
  shareId: string,
  purpose: string,
  plain: Uint8Array,
): Buffer {
  const sealed = Buffer.alloc(NONCE_BYTES + plain.length + TAG_BYTES)
  randomBytes(NONCE_BYTES).copy(sealed)
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed.subarray(NONCE_BYTES),
    Buffer.from(plain),
    Buffer.from(shareId),
    null,
    sealed.subarray(0, NONCE_BYTES),
    shareKey(keys, secret, shareId, purpose),
  )
  return sealed
}

/**
 * @error package-damaged the sealed bytes were changed, or key, share or purpose are not those they were sealed with
 */
export function openForShare(
  keys: RelayKeys,
  secret: Uint8Array,
  shareId: string,
  purpose: string,
  sealed: Uint8Array,
): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new OutpostError('package-damaged')
  const plain = Buffer.alloc(sealed.length - NONCE_BYTES - TAG_BYTES)
  try {
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
      plain,
      null,
      Buffer.from(sealed.subarray(NONCE_BYTES)),
      Buffer.from(shareId),
      Buffer.from(sealed.subarray(0, NONCE_BYTES)),
      shareKey(keys, secret, shareId, purpose),
    )
  } catch (cause) {
    throw new OutpostError('package-damaged', {}, { cause })
  }
  return plain
}

function shareKey(keys: RelayKeys, secret: Uint8Array, shareId: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.concat([keys.relayKey, secret]), shareId, `outpost ${purpose} v1`, 32))
}

/** The SHA-256 hash that the database stores in place of tokens, codes and cookies. */
export const sha256 = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest()

/** Makes a token of a workstation, link or cookie: 32 random bytes as base64url. */
export const newToken = (): string => randomBytes(32).toString('base64url')
