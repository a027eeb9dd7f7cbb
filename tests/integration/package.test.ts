/** Makes a share's package from files on disk and opens it with independent tools. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateSamples } from '../../resources/samples/generate.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { Manifest } from '../../src-core/package/manifest.ts'
import { openSealed, openSealedBytes } from '../../src-engine/package/open-sealed.ts'
import { verifyManifest } from '../../src-engine/package/signature.ts'
import { openIdentity } from '../../src-engine/package/slots.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { preparePackage, previewed, uuidUid, type PreviewFailure } from '../../src-main/sharing/prepare.ts'
import type { PackageRecord } from '../../src-main/ports/records.ts'
import { pictureOf, samplePrepare, sampleShare } from '../support/sample-share.ts'
import { selectedInstance, selectedInstances } from '../support/selected-instances.ts'
import { writeSlice } from '../support/sync-station.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'outpost-package-'))
const samples = path.join(folder, 'samples')
beforeAll(async () => {
  await generateSamples(samples)
})
afterAll(() => rmSync(folder, { recursive: true }))

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const withTools = it.skipIf(
  !['age', 'unzip', 'dcmdump', 'dciodvfy', 'dcdirdmp'].every((tool) => existsSync(`/usr/bin/${tool}`)),
)
const unpacked = (name: string) => path.join(folder, name)

async function open(record: PackageRecord, context: Awaited<ReturnType<typeof samplePrepare>>) {
  const identity = await openIdentity(Buffer.from(record.ownerSlot, 'base64url'), context.workstation.identity)
  const part = (name: string) => readFileSync(context.context.spool.partPath(record.packageId, name))
  const manifestBytes = await openSealedBytes(part('manifest'), { identity })
  return {
    identity,
    part,
    manifestBytes,
    manifest: Manifest.parse(JSON.parse(Buffer.from(manifestBytes).toString('utf8'))),
  }
}

/** Opens the images part as a recipient of the file would: with age, then unzip. */
async function unpackWithTools(
  record: PackageRecord,
  context: Awaited<ReturnType<typeof samplePrepare>>,
  name: string,
): Promise<string> {
  const { identity } = await open(record, context)
  const to = unpacked(name)
  writeFileSync(`${to}.key`, `${identity}\n`)
  execFileSync('sh', [
    '-c',
    `age -d -i "${to}.key" "${context.context.spool.partPath(record.packageId, 'images')}" > "${to}.zip"`,
  ])
  expect(spawnSync('unzip', ['-tqq', `${to}.zip`]).status).toBe(0)
  execFileSync('unzip', ['-qq', `${to}.zip`, '-d', to])
  return to
}

describe('the package of a share', () => {
  withTools(
    'X8: age and unzip give IHE PDI media: every file unchanged, with a DICOMDIR that others can read',
    async () => {
      const instances = selectedInstances(samples)
      const context = await samplePrepare(folder)
      const record = await preparePackage(sampleShare(instances), context.context)
      const to = await unpackWithTools(record, context, 'whole')
      expect(readdirSync(to).toSorted()).toEqual(['DICOM', 'DICOMDIR', 'INDEX.HTM', 'PREVIEW', 'README.TXT'])
      const originals = instances.map(({ path: file }) => sha256(readFileSync(file))).toSorted()
      const copies = readdirSync(path.join(to, 'DICOM'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => sha256(readFileSync(path.join(entry.parentPath, entry.name))))
        .toSorted()
      expect(copies).toEqual(originals)
      const checked = spawnSync('dciodvfy', ['DICOMDIR'], { cwd: to })
      expect(`${checked.stdout}${checked.stderr}`).not.toContain('Error')
      const dump = spawnSync('dcdirdmp', ['DICOMDIR'], { cwd: to })
      const listed = `${dump.stdout}${dump.stderr}`
      const named = [...listed.matchAll(/-> (DICOM\\\S+)/g)].map(([, name]) => String(name).replaceAll('\\', '/'))
      expect(named.length).toBe(instances.length)
      for (const name of named) expect(statSync(path.join(to, name)).size).toBeGreaterThan(0)
      expect(listed).toContain('ENCAP DOC')
    },
  )

  it('S4: the signed manifest lists every part and entry with offset, size, CRC-32 and SHA-256', async () => {
    const instances = selectedInstances(samples)
    const context = await samplePrepare(folder)
    const record = await preparePackage(
      sampleShare(instances, { message: 'Please compare with 2019.' }),
      context.context,
    )
    const { identity, part, manifest, manifestBytes } = await open(record, context)
    expect(record.manifestSha256).toBe(sha256(manifestBytes))
    expect(
      verifyManifest(record.manifestSha256, Buffer.from(record.signature, 'base64url'), context.signing.publicKey),
    ).toBe(true)
    expect(record.parts.map(({ name }) => name)).toEqual(['images', 'message', 'manifest'])
    for (const { name, size, sha256: hash } of record.parts)
      expect([name, part(name).length, sha256(part(name))]).toEqual([name, size, hash])
    const sealed = part('images')
    const reader = await openSealed(async (offset, length) => sealed.subarray(offset, offset + length), sealed.length, {
      identity,
    })
    const images = manifest.parts[0]
    expect(images?.plainSize).toBe(reader.plainSize)
    for (const entry of images?.entries ?? [])
      expect(sha256(await reader.read(entry.offset, entry.size)), entry.path).toBe(entry.sha256)
    const selected = images?.entries.filter(
      ({ kind, SeriesDescription }) => kind === 'instance' && SeriesDescription !== 'Message',
    )
    expect(selected?.map(({ SOPInstanceUID }) => SOPInstanceUID).toSorted()).toEqual(
      instances.map(({ SOPInstanceUID }) => SOPInstanceUID).toSorted(),
    )
    expect(images?.entries.filter(({ report }) => report).length).toBe(
      instances.filter(({ kind }) => kind === 'report').length,
    )
    expect(await openIdentity(Buffer.from(record.accountSlot, 'base64url'), context.relay.identity)).toBe(identity)
    expect(await openIdentity(Buffer.from(record.ownerSlot, 'base64url'), context.organisation.identity)).toBe(identity)
  })

  it('X1: nothing of a patient lies readable in the spool', async () => {
    const instances = selectedInstances(samples)
    const context = await samplePrepare(folder)
    const record = await preparePackage(sampleShare(instances, { message: 'A message of one' }), context.context)
    for (const name of readdirSync(path.dirname(context.context.spool.partPath(record.packageId, 'images')))) {
      const bytes = readFileSync(
        path.join(path.dirname(context.context.spool.partPath(record.packageId, 'images')), name),
      )
      for (const word of ['Sample^', 'SAMPLE-0', 'DICM', 'A message of one', 'AGE-SECRET-KEY-1'])
        expect(bytes.includes(word), `${name} ${word}`).toBe(false)
    }
  })

  withTools('U24: the message is a series of its own in every exam, as pictures that other tools accept', async () => {
    const instances = selectedInstances(samples).filter(
      ({ PatientID }) => PatientID === 'SAMPLE-002' || PatientID === 'SAMPLE-006',
    )
    const context = await samplePrepare(folder)
    const record = await preparePackage(
      sampleShare(instances, { message: 'Please compare with the examination of 2019.\n\nThank you <all>.' }),
      context.context,
    )
    const { manifest } = await open(record, context)
    const messages = manifest.parts[0]?.entries.filter(({ SeriesDescription }) => SeriesDescription === 'Message') ?? []
    expect(new Set(messages.map(({ StudyInstanceUID }) => StudyInstanceUID)).size).toBe(2)
    const to = await unpackWithTools(record, context, 'message')
    for (const { path: file } of messages) {
      const checked = spawnSync('dciodvfy', [file], { cwd: to })
      expect(`${checked.stdout}${checked.stderr}`).not.toContain('Error')
      const { dataset } = parseDicom(readFileSync(path.join(to, file)))
      expect(text(dataset, TAG.PatientID)).toMatch(/^SAMPLE-00[26]$/)
      // The picture is not uniform, so letters were drawn.
      expect(new Set(dataset.bytes.subarray(dataset.elements.get(TAG.PixelData)?.valueStart)).size).toBeGreaterThan(10)
    }
  })

  it('U17: an anonymized share gives one number to all studies of a patient, and names nobody', async () => {
    const instances = selectedInstances(samples).filter(
      ({ PatientID }) => PatientID === 'SAMPLE-002' || PatientID === 'SAMPLE-006',
    )
    const context = await samplePrepare(folder)
    const record = await preparePackage(sampleShare(instances, { anonymize: true }), context.context)
    const { identity, part, manifest, manifestBytes } = await open(record, context)
    expect(manifest.studies.map(({ PatientName }) => PatientName).toSorted()).toEqual(['Anonymous^1', 'Anonymous^2'])
    const sealed = part('images')
    const plain = Buffer.from(await openSealedBytes(sealed, { identity }))
    for (const word of ['SAMPLE-00', 'Sample^', 'Mihon', ...instances.map(({ SOPInstanceUID }) => SOPInstanceUID)]) {
      expect(plain.includes(word), word).toBe(false)
      expect(Buffer.from(manifestBytes).includes(word), word).toBe(false)
    }
    expect(manifest.anonymized).toBe(true)
  })

  it('D7: all studies of one patient get one number in a share, another patient the next', async () => {
    const ids = ['SAMPLE-A', 'SAMPLE-A', 'SAMPLE-B'].map((PatientID) => ({
      study: uuidUid(crypto.randomUUID()),
      series: uuidUid(crypto.randomUUID()),
      PatientID,
    }))
    const instances = ids.flatMap((studyId) =>
      [1, 2].map((number) => selectedInstance(writeSlice(path.join(folder, 'numbered'), { ...studyId, number }))),
    )
    const context = await samplePrepare(folder)
    const { identity, part, manifest } = await open(
      await preparePackage(sampleShare(instances, { anonymize: true }), context.context),
      context,
    )
    const plain = Buffer.from(await openSealedBytes(part('images'), { identity }))
    const names = manifest.parts[0]?.entries
      .filter(({ kind }) => kind === 'instance')
      .map(({ offset, size }) =>
        text(parseDicom(plain.subarray(offset, offset + size), { stopAtPixelData: true }).dataset, TAG.PatientName),
      )
    expect(names).toEqual([1, 1, 1, 1, 2, 2].map((number) => `Anonymous^${number}`))
  })

  it('D2: the share’s options decide what stays: dates move together, characteristics stay', async () => {
    const instances = selectedInstances(samples).filter(({ PatientID }) => PatientID === 'SAMPLE-002')
    const context = await samplePrepare(folder)
    const header = async (deidentify: ('retainLongitudinalModifiedDates' | 'retainPatientCharacteristics')[]) => {
      const record = await preparePackage(sampleShare(instances, { anonymize: true, deidentify }), context.context)
      const { identity, part, manifest } = await open(record, context)
      const entry = manifest.parts[0]?.entries.find(({ kind }) => kind === 'instance')
      const plain = Buffer.from(await openSealedBytes(part('images'), { identity }))
      return {
        dataset: parseDicom(plain.subarray(entry!.offset, entry!.offset + entry!.size), { stopAtPixelData: true })
          .dataset,
        study: manifest.studies[0],
      }
    }
    const plain = await header([])
    expect([text(plain.dataset, TAG.PatientSex), plain.study?.StudyDate]).toEqual(['', ''])
    const kept = await header(['retainLongitudinalModifiedDates', 'retainPatientCharacteristics'])
    expect(text(kept.dataset, TAG.PatientSex)).toMatch(/^[FMO]$/)
    expect(kept.study?.StudyDate).toMatch(/^\d{8}$/)
    expect(kept.study?.StudyDate).not.toBe(instances[0]?.StudyDate)
    expect(text(kept.dataset, TAG.LongitudinalTemporalInformationModified)).toBe('MODIFIED')
  })

  it('U17: the report of an anonymized share is refused by name, never passed', async () => {
    const context = await samplePrepare(path.join(folder, 'refused'))
    const reports = selectedInstances(samples).filter(({ kind }) => kind === 'report')
    await expect(preparePackage(sampleShare(reports, { anonymize: true }), context.context)).rejects.toMatchObject({
      code: 'encapsulated-document',
    })
    expect(await context.context.spool.packages()).toEqual([])
  })

  it('D5: ultrasound is refused in an anonymized share even if the index said otherwise', async () => {
    const context = await samplePrepare(folder)
    const ultrasound = selectedInstances(samples)
      .filter(({ Modality }) => Modality === 'US')
      .map((instance) => ({ ...instance, Modality: 'CT', ConversionType: '', BurnedInAnnotation: '' }))
    await expect(preparePackage(sampleShare(ultrasound, { anonymize: true }), context.context)).rejects.toMatchObject({
      code: expect.stringMatching(/pixel-review-required|burned-in-annotation/),
    })
  })

  it('W6: a file that is gone or changed since it was selected is named, and nothing is left behind', async () => {
    const context = await samplePrepare(folder)
    const copy = path.join(folder, 'copy.dcm')
    const [original] = selectedInstances(samples)
    copyFileSync(original?.path ?? '', copy)
    const instance = selectedInstance(copy)
    appendFileSync(copy, Buffer.alloc(2))
    await expect(preparePackage(sampleShare([instance]), context.context)).rejects.toMatchObject({
      code: 'file-changed',
    })
    // The file has the same size and time but contains another instance.
    const otherInstance = selectedInstances(samples).find(
      ({ size, SOPInstanceUID }) => size === original?.size && SOPInstanceUID !== original.SOPInstanceUID,
    )
    copyFileSync(otherInstance?.path ?? '', copy)
    utimesSync(copy, instance.mtimeMs / 1000, instance.mtimeMs / 1000)
    await expect(
      preparePackage(sampleShare([{ ...instance, mtimeMs: statSync(copy).mtimeMs }]), context.context),
    ).rejects.toMatchObject({ code: 'file-changed' })
    rmSync(copy)
    await expect(preparePackage(sampleShare([instance]), context.context)).rejects.toMatchObject({ code: 'file-gone' })
    expect(readdirSync(context.context.spool.folder).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it('W6: a decoder that fails never stops a package; it goes without that preview', async () => {
    const context = await samplePrepare(folder, { imaging: pictureOf('nothing') })
    const record = await preparePackage(sampleShare(selectedInstances(samples).slice(0, 3)), context.context)
    const { manifest } = await open(record, context)
    expect(manifest.parts[0]?.entries.map(({ kind }) => kind)).toEqual([
      'instance',
      'instance',
      'instance',
      'dicomdir',
      'file',
      'file',
    ])
  })

  it('S5: a package under way can be stopped, and leaves nothing', async () => {
    const stop = new AbortController()
    const context = await samplePrepare(folder, {
      signal: stop.signal,
      onProgress: (done) => {
        if (done === 2) stop.abort()
      },
    })
    const before = await context.context.spool.packages()
    await expect(preparePackage(sampleShare(selectedInstances(samples)), context.context)).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(await context.context.spool.packages()).toEqual(before)
  })

  it.each([
    { code: 'decode-failed', unexpected: true },
    { code: 'video', unexpected: false },
  ] as const)(
    'W3: a preview that fails with $code is told for its instance, and the share goes on',
    async (failure) => {
      const failures: PreviewFailure[] = []
      const context = await samplePrepare(folder, { onPreviewFailed: (dump) => failures.push(dump) })
      const { imaging } = context.context
      let rendered = 0
      const failing = {
        ...imaging,
        render: async (...asked: Parameters<typeof imaging.render>) => {
          rendered += 1
          if (rendered === 2) throw new OutpostError(failure.code)
          return imaging.render(...asked)
        },
      }
      const instances = selectedInstances(samples)
      const record = await preparePackage(sampleShare(instances), { ...context.context, imaging: failing })
      const { manifest } = await open(record, context)
      const entries = manifest.parts.flatMap((part) => part.entries)
      expect(failures).toEqual([{ SOPInstanceUID: expect.any(String), ...failure }])
      const pictures = entries.filter(({ kind }) => kind === 'preview')
      expect(pictures.length).toBe(rendered - 1)
      expect(pictures.some(({ SOPInstanceUID }) => SOPInstanceUID === failures[0]!.SOPInstanceUID)).toBe(false)
      expect(entries.filter(({ kind }) => kind === 'instance').length).toBe(instances.length)
    },
  )

  it('W6: too little free space is said before anything is written', async () => {
    const context = await samplePrepare(folder)
    const [instance] = selectedInstances(samples)
    await expect(preparePackage(sampleShare([{ ...instance!, size: 2 ** 50 }]), context.context)).rejects.toMatchObject(
      {
        code: 'disk-full',
      },
    )
  })

  it('X8: at most 24 previews of a series, the first and last among them', () => {
    const [instance] = selectedInstances(samples)
    const series = Array.from({ length: 100 }, (_, index) => ({
      ...instance!,
      InstanceNumber: index,
      kind: 'image' as const,
    }))
    const chosen = [...previewed(series)].map(({ InstanceNumber }) => InstanceNumber)
    expect([chosen.length, chosen[0], chosen.at(-1)]).toEqual([24, 0, 99])
    expect(previewed(series.slice(0, 1)).size).toBe(1)
    expect(previewed([{ ...instance!, kind: 'report' }]).size).toBe(0)
  })
})
