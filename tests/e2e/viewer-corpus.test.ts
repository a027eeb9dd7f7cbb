/** Compares the viewer's pixel arithmetic with the pictures that the server renders, over the reference corpus. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { toDicomJson } from '../../src-core/dicom/json.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import { dicomweb } from '../../src-engine/dicomweb/handler.ts'
import type { DicomWebSource } from '../../src-engine/dicomweb-source.ts'
import { fullWindow, paintFrame } from '../../src-ui/viewer/paint-frame.ts'
import { stackOf } from '../../src-ui/viewer/series-stack.ts'
import { isShownHere, storedFrameOf } from '../../src-ui/viewer/dicomweb-frames.ts'

const corpus = resolve(import.meta.dirname, '../../../shared/dicom')
const present = existsSync(resolve(corpus, 'CATALOG.tsv'))

/** Files whose metadata does not lead a viewer to a frame, and why. */
const NOT_IN_A_STACK: [RegExp, string][] = [
  [/FreezePattern|JLS[LN]_RGB_ILV\d|missing_sop_uid/, 'no SOPInstanceUID: nothing to ask for by DICOMweb'],
]

function files(): string[] {
  const [head = '', ...rows] = readFileSync(resolve(corpus, 'CATALOG.tsv'), 'utf8').trimEnd().split('\n')
  const column = (name: string) => head.split('\t').indexOf(name)
  return rows
    .map((row) => row.split('\t'))
    .filter(
      (row) =>
        row[column('expected')] === 'readable' &&
        !row[column('path')]!.endsWith('.gz') &&
        Number(row[column('size')]) < 3_000_000,
    )
    .map((row) => row[column('path')]!)
}

describe.skipIf(!present)('W4: the viewer over the reference corpus', () => {
  const imaging = createImaging({ timeLimit: { base: 20_000, perMiB: 5_000 } })
  afterAll(() => imaging.close())

  it('shows every first frame as the server renders it', { timeout: 600_000 }, async () => {
    const differing: string[] = []
    const counts = { same: 0, rendered: 0, none: 0 }
    for (const file of files()) {
      const path = resolve(corpus, file)
      const source = {
        metadata: async () => [toDicomJson(parseDicom(readFileSync(path), { inflate: inflateBounded }).dataset)],
        instance: async () => ({ path }),
      }
      const server = dicomweb({ source: () => source as unknown as DicomWebSource, imaging })
      const metadata = await server.request('/studies/1/series/1/metadata')
      const frame = metadata.ok ? stackOf(await metadata.json()).frames[0] : undefined
      const answer = await server.request('/studies/1/series/1/instances/1/frames/1', {
        headers: { accept: 'application/octet-stream' },
      })
      if (answer.ok && (!frame || frame.code) && !NOT_IN_A_STACK.some(([pattern]) => pattern.test(file)))
        differing.push(`${file}: not in the stack`)
      if (!frame || frame.code || !answer.ok) {
        counts.none += 1
        continue
      }
      const photometric = answer.headers.get('x-outpost-photometric')!
      if (frame.renderedOnly || !isShownHere(photometric)) {
        counts.rendered += 1
        continue
      }
      const stored = storedFrameOf(frame, await answer.arrayBuffer(), answer.headers)
      const ours = new Uint8ClampedArray(frame.Rows * frame.Columns * 4)
      paintFrame(
        stored,
        { window: frame.windows[0] ?? fullWindow(stored), voiTable: frame.voiTable, inverted: false },
        ours,
      )
      const png = await server.request('/studies/1/series/1/instances/1/frames/1/rendered', {
        headers: { accept: 'image/png' },
      })
      const theirs = await sharp(Buffer.from(await png.arrayBuffer()))
        .toColourspace('srgb')
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true })
      if (theirs.info.width !== frame.Columns || theirs.info.height !== frame.Rows) {
        differing.push(`${file}: ${theirs.info.width}×${theirs.info.height} for ${frame.Columns}×${frame.Rows}`)
        continue
      }
      let largestDifference = 0
      let count = 0
      for (let index = 0; index < ours.length; index += 1) {
        const distance = Math.abs(ours[index]! - theirs.data[index]!)
        if (distance > 1) count += 1
        if (distance > largestDifference) largestDifference = distance
      }
      if (count > 0)
        differing.push(`${file}: ${count} samples, up to ${largestDifference} [${photometric} ${frame.BitsAllocated}]`)
      else counts.same += 1
    }
    expect(differing).toEqual([])
    expect(counts.same).toBeGreaterThan(300)
  })
})
