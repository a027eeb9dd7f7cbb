import { describe, expect, it } from 'vitest'
import { ConfirmRequest } from '../../src-core/contract/relay.ts'
import { sampleShare } from '../../tests/support/sample-share.ts'
import type { PackageRecord } from '../ports/records.ts'
import { confirmRequest, receiptMatches } from './confirm-request.ts'

const hash = (digit: string): string => digit.repeat(64)
const share = sampleShare([], { message: 'Hello', anonymize: false, validity: { kind: 'until', day: '2026-12-31' } })
const record: PackageRecord = {
  packageId: '0b8f6a54-93c5-4f0e-9d1a-111111111111',
  shareId: share.shareId,
  createdAt: '2026-11-21T10:00:00.000Z',
  manifestSha256: hash('a'),
  signature: 'AA',
  ownerSlot: 'BB',
  accountSlot: 'CC',
  parts: [
    { name: 'images', size: 10, sha256: hash('b') },
    { name: 'manifest', size: 5, sha256: hash('c') },
  ],
}
const receipt = {
  shareId: share.shareId,
  packageId: record.packageId,
  deliveredAt: '2026-11-21T10:00:00.000Z',
  expiresAt: null,
  parts: [...record.parts].toReversed(),
  grants: [],
}

describe('S3: the confirm request', () => {
  it('S3: it is of the contract, and the same at every try', () => {
    expect(ConfirmRequest.parse(confirmRequest(share, record, []))).toEqual(
      confirmRequest(structuredClone(share), structuredClone(record), []),
    )
  })

  it('U11: the reason for sharing is not sent', () => {
    expect(JSON.stringify(confirmRequest(share, record, []))).not.toContain(share.terms.reason)
  })

  it('U12: every recipient is written to in the one language of the share', () => {
    const french = { ...share, mailLanguage: 'fr' as const }
    expect(confirmRequest(french, record, []).grants.map(({ language }) => language)).toEqual(['fr'])
  })
})

describe('S4: the receipt', () => {
  it('S4: it matches when it names exactly the parts sent, in any order', () => {
    expect(receiptMatches(receipt, record)).toBe(true)
  })

  it('S4: another hash, another size, a part too few or too many, another share or package: it does not', () => {
    const [manifest, images] = receipt.parts
    for (const wrong of [
      { parts: [manifest!, { ...images!, sha256: hash('d') }] },
      { parts: [manifest!, { ...images!, size: 11 }] },
      { parts: [manifest!] },
      { parts: [...receipt.parts, { name: 'report', size: 1, sha256: hash('e') }] },
      { shareId: record.packageId },
      { packageId: share.shareId },
    ])
      expect(receiptMatches({ ...receipt, ...wrong }, record), JSON.stringify(wrong)).toBe(false)
  })
})
