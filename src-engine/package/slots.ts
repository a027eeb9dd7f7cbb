/** Key slots: the package's identity is kept only inside these, never bare (docs/protocol.md). */
import { hkdfSync, randomBytes } from 'node:crypto'
import sodium from 'sodium-native'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { TAG } from './age-format.ts'
import { openSealedBytes } from './open-sealed.ts'
import { sealBytes } from './seal.ts'

const SLOT_NONCE = 12

/** Owner slot, and account slot as sent: an age file to the recipients with the identity as plaintext. */
export async function sealIdentity(identity: string, recipients: readonly string[]): Promise<Uint8Array> {
  return (await sealBytes(Buffer.from(identity, 'utf8'), recipients)).sealed
}

/** The identity in a slot made by sealIdentity. @error package-damaged when the identity given does not open it */
export async function openIdentity(slot: Uint8Array, identity: string): Promise<string> {
  return Buffer.from(await openSealedBytes(slot, { identity })).toString('utf8')
}

export interface AccountSlotKeys {
  /** 32 bytes of the relay, outside its database. */
  readonly relayKey: Uint8Array
  /** 32 bytes of this one share; deleting them ends the share for good. */
  readonly serverSecret: Uint8Array
  readonly shareId: string
}

function accountSlotKey({ relayKey, serverSecret, shareId }: AccountSlotKeys): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', Buffer.concat([relayKey, serverSecret]), shareId, 'outpost account slot v1', 32),
  )
}

/**
 * Account slot as the relay stores it: nonce, then the identity under ChaCha20-Poly1305 with the share id as associated
 * data.
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
 * The identity in an account slot. @error package-damaged when key, secret or share id are not those it was wrapped
 * with
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
