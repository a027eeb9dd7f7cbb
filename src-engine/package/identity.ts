/** Makes age X25519 identities: one for each package, workstation, organisation and relay. */
import { generateX25519Identity, identityToRecipient } from 'age-encryption'

/** A new identity (AGE-SECRET-KEY-1…) and its recipient (age1…). */
export async function newIdentity(): Promise<{ identity: string; recipient: string }> {
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** The recipient (age1…) of an identity. */
export function recipientOf(identity: string): Promise<string> {
  return identityToRecipient(identity)
}
