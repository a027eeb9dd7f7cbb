/**
 * Seals and opens key slots. The identity of a package is stored in key slots only, never unencrypted
 * (docs/protocol.md).
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import sodium from 'sodium-native'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { TAG } from './age-format.ts'
import { openSealedBytes } from './open-sealed.ts'
import { sealBytes } from './seal.ts'

const SLOT_NONCE = 12

/**
 * Seals an owner slot, or the account slot in the form in which it is sent: an age file for the recipients whose
 * plaintext is the identity.
 */
export async function sealIdentity(identity: string, recipients: readonly string[]): Promise<Uint8Array> {
  return (await sealBytes(Buffer.from(identity, 'utf8'), recipients)).sealed
}

/**
 * The identity in a slot of sealIdentity.
 * @error package-damaged when the given identity does not open it
 */
export async function openIdentity(slot: Uint8Array, identity: string): Promise<string> {
  return Buffer.from(await openSealedBytes(slot, { identity })).toString('utf8')
}

export interface AccountSlotKeys {
  /** A key of the relay, 32 bytes, that is not in its database. */
  readonly relayKey: Uint8Array
  /** The secret of this share, 32 bytes. After it is deleted, nothing opens the share. */
  readonly serverSecret: Uint8Array
  readonly shareId: string
}

function accountSlotKey({ relayKey, serverSecret, shareId }: AccountSlotKeys): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', Buffer.concat([relayKey, serverSecret]), shareId, 'outpost account slot v1', 32),
  )
}

/**
 * Makes the account slot in the form in which the relay stores it: a nonce, then the identity encrypted by
 * ChaCha20-Poly1305 with the share id as associated data.
 */
export function wrapAccountSlot(identity: string, keys: AccountSlotKeys): Uint8Array {
  const plain = Buffer.from(identity, 'utf8')
  const slot = Buffer.alloc(SLOT_NONCE + plain.length + TAG)
  const nonce = randomBytes(SLOT_NONCE)
  nonce.copy(slot)
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
    slot.subarray(SLOT_NONCE),
    plain,
    Buffer.from(keys.shareId),
    null,
    nonce,
    accountSlotKey(keys),
  )
  return slot
}

/**
 * The identity in an account slot.
 * @error package-damaged when key, secret or share id differ from those that it was made with
 */
export function unwrapAccountSlot(slot: Uint8Array, keys: AccountSlotKeys): string {
  const plain = Buffer.alloc(Math.max(0, slot.length - SLOT_NONCE - TAG))
  try {
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
      plain,
      null,
      slot.subarray(SLOT_NONCE),
      Buffer.from(keys.shareId),
      slot.subarray(0, SLOT_NONCE),
      accountSlotKey(keys),
    )
  } catch (cause) {
    throw new OutpostError('package-damaged', { at: 'slot' }, { cause })
  }
  return plain.toString('utf8')
}
