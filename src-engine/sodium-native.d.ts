/**
 * Types of the part of sodium-native 5 that is used here, because the package has no types. Buffers are allocated by
 * the caller. sodium_malloc is not used, because Electron forbids external buffers.
 */
declare module 'sodium-native' {
  type Bytes = Uint8Array
  interface Sodium {
    crypto_aead_chacha20poly1305_ietf_encrypt(
      ciphertext: Bytes,
      message: Bytes,
      associated: Bytes | null,
      secretNonce: null,
      nonce: Bytes,
      key: Bytes,
    ): number
    /** Throws when the tag is wrong. */
    crypto_aead_chacha20poly1305_ietf_decrypt(
      message: Bytes,
      secretNonce: null,
      ciphertext: Bytes,
      associated: Bytes | null,
      nonce: Bytes,
      key: Bytes,
    ): number
    crypto_aead_xchacha20poly1305_ietf_encrypt(
      ciphertext: Bytes,
      message: Bytes,
      associated: Bytes | null,
      secretNonce: null,
      nonce: Bytes,
      key: Bytes,
    ): number
    crypto_aead_xchacha20poly1305_ietf_decrypt(
      message: Bytes,
      secretNonce: null,
      ciphertext: Bytes,
      associated: Bytes | null,
      nonce: Bytes,
      key: Bytes,
    ): number
    crypto_secretbox_easy(ciphertext: Bytes, message: Bytes, nonce: Bytes, key: Bytes): void
    crypto_secretbox_open_easy(message: Bytes, ciphertext: Bytes, nonce: Bytes, key: Bytes): boolean
    crypto_sign_seed_keypair(publicKey: Bytes, secretKey: Bytes, seed: Bytes): void
    crypto_sign_detached(signature: Bytes, message: Bytes, secretKey: Bytes): void
    crypto_sign_verify_detached(signature: Bytes, message: Bytes, publicKey: Bytes): boolean
    randombytes_buf(buffer: Bytes): void
    sodium_memzero(buffer: Bytes): void
  }
  const sodium: Sodium
  export default sodium
}
