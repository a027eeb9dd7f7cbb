/**
 * The relay's own keys, made at the first start. They lie in a file and never in the database: a copy of the database
 * opens nothing.
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

/** Reads the keys, or makes them: exactly one of several processes that start at once makes them. */
export async function openRelayKeys(file: string): Promise<RelayKeys> {
  await mkdir(dirname(file), { recursive: true })
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      const made = { relayKey: randomBytes(32).toString('base64url'), identity: await generateX25519Identity() }
      await handle.writeFile(JSON.stringify(made))
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

const NONCE = 12
const TAG = 16

/**
 * Seals what names people under relay key ‖ server secret of the share; purpose keeps one sealed thing from standing in
 * for another.
 */
export function sealForShare(
  keys: RelayKeys,
  secret: Uint8Array,
  shareId: string,
  purpose: string,
  plain: Uint8Array,
): Buffer {
  const sealed = Buffer.alloc(NONCE + plain.length + TAG)
  randomBytes(NONCE).copy(sealed)
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed.subarray(NONCE),
    Buffer.from(plain),
    Buffer.from(shareId),
    null,
    sealed.subarray(0, NONCE),
    shareKey(keys, secret, shareId, purpose),
  )
  return sealed
}

/** @error package-damaged when anything differs from what was sealed */
export function openForShare(
  keys: RelayKeys,
  secret: Uint8Array,
  shareId: string,
  purpose: string,
  sealed: Uint8Array,
): Buffer {
  if (sealed.length < NONCE + TAG) throw new OutpostError('package-damaged')
  const plain = Buffer.alloc(sealed.length - NONCE - TAG)
  try {
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
      plain,
      null,
      Buffer.from(sealed.subarray(NONCE)),
      Buffer.from(shareId),
      Buffer.from(sealed.subarray(0, NONCE)),
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

/** SHA-256 as the database keeps it of tokens, codes and cookies. */
export const sha256 = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest()

/** 32 random bytes, base64url: tokens of workstations, links and cookies. */
export const newToken = (): string => randomBytes(32).toString('base64url')
