/** The keys of a workstation. They are created once, stored as secrets, and used to prepare, sign and send shares. */
import { randomBytes } from 'node:crypto'
import { newIdentity, recipientOf } from '../../src-engine/package/identity.ts'
import { signingKeys } from '../../src-engine/package/signature.ts'
import type { SecretStore } from '../ports/host.ts'

export const SECRET_NAMES = {
  token: 'enrolment-token',
  identity: 'workstation-identity',
  signingSeed: 'signing-seed',
  uidKey: 'uid-key',
} as const

export interface WorkstationKeys {
  /** age X25519 identity (AGE-SECRET-KEY-1…) and its recipient (age1…). */
  readonly identity: string
  readonly recipient: string
  /** Ed25519 seed and public key, 32 bytes each. */
  readonly signingSeed: Uint8Array
  readonly signingKey: Uint8Array
  /** HMAC key of the pseudonyms (D3), 32 bytes. */
  readonly uidKey: Uint8Array
}

/** Returns the keys. Missing keys are created and stored before they are returned. @error secrets-locked */
export async function workstationKeys(secrets: SecretStore): Promise<WorkstationKeys> {
  const identity = await storedOrCreated(secrets, SECRET_NAMES.identity, async () => (await newIdentity()).identity)
  const signingSeed = Buffer.from(
    await storedOrCreated(secrets, SECRET_NAMES.signingSeed, () => randomBytes(32).toString('base64url')),
    'base64url',
  )
  const uidKey = Buffer.from(
    await storedOrCreated(secrets, SECRET_NAMES.uidKey, () => randomBytes(32).toString('base64url')),
    'base64url',
  )
  return {
    identity,
    recipient: await recipientOf(identity),
    signingSeed,
    signingKey: signingKeys(signingSeed).publicKey,
    uidKey,
  }
}

/** The token that identifies this workstation to the relay; null before enrolment. @error secrets-locked */
export function enrolmentToken(secrets: SecretStore): Promise<string | null> {
  return secrets.get(SECRET_NAMES.token)
}

async function storedOrCreated(
  secrets: SecretStore,
  name: string,
  make: () => string | Promise<string>,
): Promise<string> {
  const stored = await secrets.get(name)
  if (stored !== null) return stored
  const created = await make()
  await secrets.set(name, created)
  return created
}
