/** Reads the headers of a granted package's instances from its sealed images, in the DICOM JSON model. */
import { inflateRawSync } from 'node:zlib'
import { codeOf } from '../../src-core/contract/errors.ts'
import { toDicomJson } from '../../src-core/dicom/json.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import type { DicomJson } from '../../src-engine/dicomweb-source.ts'
import type { GrantedEntry, GrantedPackage } from './granted-package.ts'

export interface InstanceHeader {
  readonly entry: GrantedEntry
  readonly json: DicomJson
}

const FIRST_READ_BYTES = 64 * 1024
const CONCURRENT_READS = 8

/** Reads the header of every instance. @returns the headers by study, series number and instance number */
export async function readHeaders(granted: GrantedPackage): Promise<InstanceHeader[]> {
  const headers: InstanceHeader[] = []
  const remaining = [...granted.instances]
  await Promise.all(
    Array.from({ length: CONCURRENT_READS }, async () => {
      for (let entry = remaining.shift(); entry !== undefined; entry = remaining.shift())
        headers.push({ entry, json: await readHeader(granted, entry) })
    }),
  )
  const numberOf = (json: DicomJson, tag: string): number => Number(json[tag]?.Value?.[0] ?? 0)
  return headers.sort(
    (left, right) =>
      (left.entry.StudyInstanceUID ?? '').localeCompare(right.entry.StudyInstanceUID ?? '') ||
      numberOf(left.json, '00200011') - numberOf(right.json, '00200011') ||
      (left.entry.SeriesInstanceUID ?? '').localeCompare(right.entry.SeriesInstanceUID ?? '') ||
      numberOf(left.json, '00200013') - numberOf(right.json, '00200013'),
  )
}

/**
 * Most headers end within the first bytes. If one does not, four times as much is read, up to the complete instance.
 */
async function readHeader(granted: GrantedPackage, entry: GrantedEntry): Promise<DicomJson> {
  for (let length = FIRST_READ_BYTES; ; length *= 4) {
    const bytes = await granted.read(entry, 0, length)
    try {
      const file = parseDicom(bytes, {
        stopAtPixelData: true,
        inflate: (deflated, maxOutputLength) => inflateRawSync(deflated, { maxOutputLength }),
      })
      return { ...toDicomJson(file.dataset), '00083002': { vr: 'UI', Value: [file.TransferSyntaxUID] } }
    } catch (error) {
      if (length >= entry.size || codeOf(error) === 'internal') throw error
    }
  }
}
