/** Seals the parts of a package that are texts, and makes the record that the ledger stores of a package. */
import type { SealedPart } from '../../src-core/contract/relay.ts'
import type { Manifest, PackagePart } from '../../src-core/package/manifest.ts'
import { signManifest } from '../../src-engine/package/signature.ts'
import { sealIdentity } from '../../src-engine/package/slots.ts'
import type { PackageRecord } from '../ports/records.ts'
import type { SpoolWriter } from './prepare-spool.ts'

/** The keys of the enrolment and of this workstation for a package. */
export interface PackageKeys {
  readonly relayRecipient: string
  readonly organisationRecipient: string
  readonly workstationRecipient: string
  /** Ed25519 seed, 32 bytes. */
  readonly signingSeed: Uint8Array
}

/** The package that is being written: its id, and the keys that open it. */
export interface OpenPackage {
  readonly packageId: string
  readonly identity: string
  readonly recipient: string
  readonly writer: SpoolWriter
}

/** Seals a text as one part of the package. @returns sizes in bytes, and hashes */
export async function sealText({ writer, recipient }: OpenPackage, name: string, text: string) {
  const sealer = await writer.part(name, recipient)
  await sealer.write(Buffer.from(text, 'utf8'))
  return sealer.end()
}

/**
 * Signs the sealed manifest, and seals the package's key for its owners.
 * @returns the ledger's record of the package
 */
export async function packageRecord(
  { packageId, identity }: OpenPackage,
  { createdAt, parts }: Pick<Manifest, 'createdAt' | 'parts'>,
  manifest: Awaited<ReturnType<typeof sealText>>,
  keys: PackageKeys,
  source: Pick<PackageRecord, 'shareId' | 'sourceSha256'>,
): Promise<PackageRecord> {
  return {
    packageId,
    createdAt,
    manifestSha256: manifest.plainSha256,
    signature: Buffer.from(signManifest(manifest.plainSha256, keys.signingSeed)).toString('base64url'),
    ownerSlot: Buffer.from(
      await sealIdentity(identity, [keys.workstationRecipient, keys.organisationRecipient]),
    ).toString('base64url'),
    accountSlot: Buffer.from(await sealIdentity(identity, [keys.relayRecipient])).toString('base64url'),
    parts: [...parts.map(sealedPart), { name: 'manifest', size: manifest.sealedSize, sha256: manifest.sealedSha256 }],
    ...source,
  }
}

function sealedPart(part: PackagePart): SealedPart {
  return { name: part.name, size: part.sealedSize, sha256: part.sealedSha256 }
}
