/**
 * Frames in a format whose structure is not checked are decoded and compressed again. No region is black, and the file
 * does not claim that its pixels were cleaned.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { deidentifyInstance } from '../../src-core/deidentify/deidentify.ts'
import { mustBeDecoded } from '../../src-core/deidentify/pixel-data.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { cleanPixels } from './clean-pixels.ts'

const codecs = path.resolve(import.meta.dirname, '../../../shared/dicom/synth/codecs')
const context = {
  options: new Set<never>(),
  mapUid: (uid: string) => `2.25.${uid.length}`,
  shiftDays: 0,
  patientName: 'Anonymous^1',
  patientId: 'A',
  pixelsReviewed: true,
}

describe.skipIf(!existsSync(codecs))('D5: JPEG XL', () => {
  const imaging = createImaging({ concurrency: 1 })
  afterAll(() => imaging.close())

  it.each(['jxl_lossless_110_gray16.dcm', 'jxl_lossless_110_rgb.dcm', 'jxl_recompressed_111.dcm'])(
    'D5: %s is refused as it is, and leaves with the same pixels once decoded',
    async (name) => {
      const source = { path: path.join(codecs, name) }
      const file = parseDicom(readFileSync(source.path))
      expect(mustBeDecoded(file)).toBe(true)
      expect(() => deidentifyInstance(file, context)).toThrow('cannot-deidentify')
      const cleanedPixels = await cleanPixels(imaging.paintFrame, source, file.dataset, [])
      const made = deidentifyInstance(file, { ...context, regions: [], cleanedPixels })
      const bytes = new Uint8Array(Buffer.concat(made.chunks))
      expect(text(parseDicom(bytes).dataset, TAG.DeidentificationMethod)).not.toContain('Clean Pixel Data')
      const [before, after] = [await imaging.decodeFrame(source, 1), await imaging.decodeFrame({ bytes }, 1)]
      expect(Buffer.compare(after.pixels, before.pixels)).toBe(0)
    },
  )
})
