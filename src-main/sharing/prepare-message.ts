/** Adds the sender's message to every exam of a package, as an additional series (U24). */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { EXPLICIT_LITTLE } from '../../src-core/dicom/transfer-syntax.ts'
import { SECONDARY_CAPTURE, messageInstances, messagePages } from '../../src-engine/package/message-image.ts'
import type { ZipWriter } from '../../src-engine/package/zip.ts'
import type { PackageContents } from './prepare-contents.ts'

/** A UID of the form 2.25 with 128 bits (PS3.5 B.2). It is new for every package, as the message is. */
function freshUid(...words: (string | number)[]): string {
  return `2.25.${BigInt(`0x${createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 32)}`)}`
}

export async function addMessageSeries(
  zip: ZipWriter,
  contents: PackageContents,
  message: string,
  packageId: string,
): Promise<void> {
  const pages = messagePages(message)
  for (const [StudyInstanceUID, { inherited }] of contents.studies) {
    const SeriesInstanceUID = freshUid(packageId, StudyInstanceUID)
    const SOPInstanceUIDs = Array.from({ length: pages }, (_, page) => freshUid(packageId, StudyInstanceUID, page))
    const files = await messageInstances(message, {
      StudyInstanceUID,
      SeriesInstanceUID,
      SOPInstanceUIDs,
      SeriesDescription: 'Message',
      inherited,
    })
    for (const bytes of files) {
      const file = parseDicom(bytes, { stopAtPixelData: true })
      const crc = crc32(bytes)
      const instance = {
        SOPClassUID: SECONDARY_CAPTURE,
        SOPInstanceUID: SOPInstanceUIDs[files.indexOf(bytes)] ?? '',
        StudyInstanceUID,
        SeriesInstanceUID,
        TransferSyntaxUID: EXPLICIT_LITTLE,
        header: file,
        size: bytes.length,
        crc32: crc,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      }
      const target = contents.place(instance)
      const { offset } = await zip.add({ path: target.path, size: bytes.length, crc32: crc }, [bytes])
      contents.addInstance(target, instance, offset, { message: true })
    }
  }
}
