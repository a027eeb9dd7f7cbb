/**
 * Makes and checks the workstation's Ed25519 signature of a package's manifest, which covers the hashes of all
 * plaintexts (docs/protocol.md).
 */
import { randomBytes } from 'node:crypto'
import sodium from 'sodium-native'

/**
 * A new key. The seed (32 bytes) is a secret of the workstation; the public key (32 bytes) is sent to the relay at
 * enrolment.
 */
export function newSigningKey(): { seed: Uint8Array; publicKey: Uint8Array } {
  const seed = randomBytes(32)
  return { seed, publicKey: signingKeys(seed).publicKey }
}

/**
 * The key pair of a seed.
 * @param seed 32 bytes
 */
export function signingKeys(seed: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } {
  const publicKey = Buffer.alloc(32)
  const secretKey = Buffer.alloc(64)
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed)
  return { publicKey, secretKey }
}

function signedMessage(manifestSha256: string): Buffer {
  return Buffer.from(`outpost manifest v1\n${manifestSha256}`, 'utf8')
}

/**
 * Signs a manifest.
 * @param manifestSha256 hash of the plaintext manifest, lower-case hex
 * @returns 64 bytes
 */
export function signManifest(manifestSha256: string, seed: Uint8Array): Uint8Array {
  const signature = Buffer.alloc(64)
  sodium.crypto_sign_detached(signature, signedMessage(manifestSha256), signingKeys(seed).secretKey)
  return signature
}

/** Whether the signature was made by the key for this manifest. A signature or key of the wrong length is not valid. */
export function verifyManifest(manifestSha256: string, signature: Uint8Array, publicKey: Uint8Array): boolean {
  return (
    signature.length === 64 &&
    publicKey.length === 32 &&
    sodium.crypto_sign_verify_detached(signature, signedMessage(manifestSha256), publicKey)
  )
}
