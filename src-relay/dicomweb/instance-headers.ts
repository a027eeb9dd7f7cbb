/** Headers of a granted package's instances in the DICOM JSON model, read from the sealed images by range. */
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

const HEAD = 64 * 1024
const READS_AT_ONCE = 8

/** Every instance in reading order: by study, series number and instance number. */
export async function readHeaders(granted: GrantedPackage): Promise<InstanceHeader[]> {
  const headers: InstanceHeader[] = []
  const waiting = [...granted.instances]
  await Promise.all(
    Array.from({ length: READS_AT_ONCE }, async () => {
      for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift())
        headers.push({ entry, json: await readHeader(granted, entry) })
    }),
  )
  const numberOf = (json: DicomJson, tag: string): number => Number(json[tag]?.Value?.[0] ?? 0)
  return headers.sort(
    (one, other) =>
      (one.entry.StudyInstanceUID ?? '').localeCompare(other.entry.StudyInstanceUID ?? '') ||
      numberOf(one.json, '00200011') - numberOf(other.json, '00200011') ||
      (one.entry.SeriesInstanceUID ?? '').localeCompare(other.entry.SeriesInstanceUID ?? '') ||
      numberOf(one.json, '00200013') - numberOf(other.json, '00200013'),
  )
}

/** Most headers end within the first piece; when one does not, four times as much is read, up to the whole instance. */
async function readHeader(granted: GrantedPackage, entry: GrantedEntry): Promise<DicomJson> {
  for (let length = HEAD; ; length *= 4) {
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
