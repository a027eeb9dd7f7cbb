import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { CHUNK, SEALED_CHUNK, headerLength } from './age-format.ts'
import { newIdentity, recipientOf } from './identity.ts'
import { openSealed, openSealedBytes, type SealedReader } from './open-sealed.ts'
import { seal, sealBytes } from './seal.ts'
import { newSigningKey, signManifest, verifyManifest } from './signature.ts'
import { openIdentity, sealIdentity, unwrapAccountSlot, wrapAccountSlot } from './slots.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'outpost-seal-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { identity, recipient } = await newIdentity()
const sizes = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 40 * CHUNK + 17]
const bytesOf = (size: number) => randomBytes(size)
const reader = (sealed: Uint8Array, key = identity): Promise<SealedReader> =>
  openSealed(async (offset, length) => sealed.subarray(offset, offset + length), sealed.length, { identity: key })
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('X1: a sealed part is an age v1 file', () => {
  it.skipIf(!existsSync('/usr/bin/age'))(
    'X1: age itself opens what was sealed, at every size around a chunk',
    async () => {
      const keyFile = path.join(folder, 'key')
      writeFileSync(keyFile, `${identity}\n`)
      for (const size of sizes) {
        const plain = bytesOf(size)
        const file = path.join(folder, `${size}.age`)
        writeFileSync(file, (await sealBytes(plain, [recipient])).sealed)
        expect(hex(execFileSync('age', ['-d', '-i', keyFile, file], { maxBuffer: 2 ** 26 }))).toBe(hex(plain))
      }
    },
  )

  it.skipIf(!existsSync('/usr/bin/age'))('X1: what age sealed is opened', async () => {
    const plain = bytesOf(2 * CHUNK + 5)
    const sealed = spawnSync('age', ['-r', recipient], { input: plain, maxBuffer: 2 ** 26 }).stdout
    expect(hex(await openSealedBytes(sealed, { identity }))).toBe(hex(plain))
  })

  it('X1: sizes and hashes are those of the plaintext and of the sealed bytes, for all sizes of writes', async () => {
    for (const size of sizes) {
      const plain = bytesOf(size)
      const pieces = []
      for (let at = 0; at < size; at += 100_003) pieces.push(plain.subarray(at, at + 100_003))
      const out: Uint8Array[] = []
      const told = await seal(pieces, [recipient], (bytes) => {
        out.push(Buffer.from(bytes))
      })
      const sealed = Buffer.concat(out)
      expect(told).toEqual({
        plainSize: size,
        plainSha256: hex(plain),
        sealedSize: sealed.length,
        sealedSha256: hex(sealed),
      })
      const opened = await reader(sealed)
      expect(opened.plainSize).toBe(size)
      expect(hex(await opened.read(0, size))).toBe(hex(plain))
    }
  })

  it('X1: a file cut anywhere, at a chunk boundary too, does not open', async () => {
    const { sealed } = await sealBytes(bytesOf(3 * CHUNK), [recipient])
    const start = headerLength(sealed) + 16
    for (const cut of [
      start + 2 * SEALED_CHUNK,
      start + SEALED_CHUNK,
      start,
      start - 5,
      30,
      0,
      sealed.length - 1,
      start + 2 * SEALED_CHUNK + 16,
    ]) {
      await expect(reader(sealed.subarray(0, cut)), `cut at ${cut}`).rejects.toMatchObject({ code: 'package-damaged' })
    }
    await expect(reader(Buffer.concat([sealed, Buffer.alloc(17)]))).rejects.toMatchObject({ code: 'package-damaged' })
  })

  it('X1: any flipped byte is noticed when its range is read', async () => {
    const { sealed } = await sealBytes(bytesOf(2 * CHUNK + 100), [recipient])
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: sealed.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const changed = Buffer.from(sealed)
          changed[at] = (changed[at] ?? 0) ^ mask
          await expect(openSealedBytes(changed, { identity })).rejects.toMatchObject({ code: 'package-damaged' })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('X1: any range read is that of the plaintext, in pieces or whole, by identity or by file key', async () => {
    const plain = bytesOf(20 * CHUNK + 33)
    const { sealed } = await sealBytes(plain, [recipient])
    const byIdentity = await reader(sealed)
    const byFileKey = await openSealed(
      async (offset, length) => sealed.subarray(offset, offset + length),
      sealed.length,
      { fileKey: byIdentity.fileKey },
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(plain.length), fc.nat(plain.length), async (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)]
        expect(plain.subarray(from, to).equals(await byIdentity.read(from, to - from))).toBe(true)
        expect(plain.subarray(from, to).equals(await byFileKey.read(from, to - from))).toBe(true)
      }),
      { numRuns: 60 },
    )
    await expect(byIdentity.read(plain.length, 1)).rejects.toThrow(RangeError)
  })

  it('X1: only chunks of the range are read from the file', async () => {
    const { sealed } = await sealBytes(bytesOf(100 * CHUNK), [recipient])
    let read = 0
    const opened = await openSealed(
      async (offset, length) => {
        read += length
        return sealed.subarray(offset, offset + length)
      },
      sealed.length,
      { identity },
    )
    read = 0
    await opened.read(50 * CHUNK + 10, 20)
    expect(read).toBe(SEALED_CHUNK)
  })

  it('X1: another identity does not open it', async () => {
    const { sealed } = await sealBytes(bytesOf(10), [recipient])
    await expect(reader(sealed, (await newIdentity()).identity)).rejects.toMatchObject({ code: 'package-damaged' })
  })
})

describe('X1: key slots', () => {
  it('X1: each recipient of a slot opens it, nobody else', async () => {
    const [workstation, organisation, stranger] = [await newIdentity(), await newIdentity(), await newIdentity()]
    const slot = await sealIdentity(identity, [workstation.recipient, organisation.recipient])
    expect(await openIdentity(slot, workstation.identity)).toBe(identity)
    expect(await openIdentity(slot, organisation.identity)).toBe(identity)
    await expect(openIdentity(slot, stranger.identity)).rejects.toMatchObject({ code: 'package-damaged' })
    expect(await recipientOf(workstation.identity)).toBe(workstation.recipient)
  })

  it('X1: an account slot opens only with the relay key, the server secret and the share it was made for', () => {
    const keys = {
      relayKey: randomBytes(32),
      serverSecret: randomBytes(32),
      shareId: '6f1f9f0a-5f0e-4a8e-8b1e-0d3a52a0c111',
    }
    const slot = wrapAccountSlot(identity, keys)
    expect(unwrapAccountSlot(slot, keys)).toBe(identity)
    expect(Buffer.from(slot).includes(identity)).toBe(false)
    for (const wrong of [
      { relayKey: randomBytes(32) },
      { serverSecret: randomBytes(32) },
      { shareId: '6f1f9f0a-5f0e-4a8e-8b1e-0d3a52a0c112' },
    ]) {
      expect(() => unwrapAccountSlot(slot, { ...keys, ...wrong })).toThrow('package-damaged')
    }
    expect(() => unwrapAccountSlot(new Uint8Array(3), keys)).toThrow('package-damaged')
  })
})

describe('S4: the signature of the manifest', () => {
  it('S4: it holds for this manifest and this workstation only', () => {
    const key = newSigningKey()
    const hash = hex(Buffer.from('manifest'))
    const signature = signManifest(hash, key.seed)
    expect(verifyManifest(hash, signature, key.publicKey)).toBe(true)
    expect(verifyManifest(hex(Buffer.from('other')), signature, key.publicKey)).toBe(false)
    expect(verifyManifest(hash, signature, newSigningKey().publicKey)).toBe(false)
    expect(verifyManifest(hash, signature.subarray(1), key.publicKey)).toBe(false)
  })
})
