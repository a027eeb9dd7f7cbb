/** Makes a share as the ledger has it, with invented people, and the context in which a workstation prepares it. */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { newSigningKey } from '../../src-engine/package/signature.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { pseudonyms } from '../../src-main/imaging/uid-map.ts'
import type { PrepareContext } from '../../src-main/sharing/prepare.ts'
import { openSpool } from '../../src-main/sharing/prepare-spool.ts'
import type { SelectedInstance, ShareRecord } from '../../src-main/ports/records.ts'

export const sampleTerms: ShareTerms = {
  right: 'images-read-report',
  reason: 'Second opinion',
  validity: { kind: 'period', period: { unit: 'month', count: 1 } },
  patientAgreed: true,
  urgent: false,
  anonymize: false,
  twoFactor: false,
  sendMail: true,
  furtherSharing: false,
  message: '',
  mailLanguage: null,
}

export function sampleShare(instances: readonly SelectedInstance[], terms: Partial<ShareTerms> = {}): ShareRecord {
  return {
    shareId: randomUUID(),
    createdAt: '2026-11-21T10:00:00.000Z',
    mailLanguage: 'en',
    packageId: null,
    instances,
    actor: {
      staffId: 'staff-1',
      name: 'Sample Sender',
      organisationId: 'organisation-1',
      departmentId: 'department-1',
      workstationId: 'workstation-1',
    },
    terms: { ...sampleTerms, ...terms },
    recipients: [
      {
        recipientId: 'recipient-1',
        kind: 'user',
        familyName: 'Sample',
        givenName: 'Reader',
        prefix: '',
        specialty: '',
        organisation: '',
        city: '',
        numbers: [],
        email: 'reader@sample.example',
        emailPublic: true,
        mobile: '+32470000000',
        mobilePublic: false,
        language: 'en',
        rank: 0,
      },
    ],
  }
}

/** Returns imaging that renders one grey picture for every image, or that fails. */
export function pictureOf(renders: 'grey' | 'nothing'): Imaging {
  const never = async (): Promise<never> => {
    throw new Error('not asked for here')
  }
  return {
    prepare: () => {},
    decodeFrame: never,
    paintFrame: never,
    inspect: never,
    close: async () => undefined,
    async render() {
      if (renders === 'nothing') throw new Error('a broken decoder')
      const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#888' } })
        .jpeg()
        .toBuffer()
      return { width: 64, height: 64, bytes }
    },
  }
}

/** Returns the context of an enrolled workstation; with the identities a test can open the package. */
export async function samplePrepare(folder: string, options: Partial<PrepareContext> = {}) {
  const [relay, organisation, workstation] = [await newIdentity(), await newIdentity(), await newIdentity()]
  const signing = newSigningKey()
  const context: PrepareContext = {
    spool: openSpool(path.join(folder, 'spool')),
    imaging: pictureOf('grey'),
    pseudonyms: pseudonyms(randomBytes(32)),
    signOffs: async (instances) => instances.map(() => null),
    keys: {
      relayRecipient: relay.recipient,
      organisationRecipient: organisation.recipient,
      workstationRecipient: workstation.recipient,
      signingSeed: signing.seed,
    },
    words: JSON.parse(
      readFileSync(path.resolve(import.meta.dirname, '../../resources/messages/en/media.json'), 'utf8'),
    ),
    now: () => new Date('2026-11-21T10:00:00.000Z'),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onPreviewFailed: () => undefined,
    ...options,
  }
  return { context, relay, organisation, workstation, signing }
}
