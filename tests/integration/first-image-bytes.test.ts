/**
 * Counts what a recipient's browser fetches before the first image of a CT of eighty slices: at 1.6 Mbit/s, 400 kB take
 * two seconds.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { toDicomJson } from '../../src-core/dicom/json.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { runTask } from '../../src-engine/decode-process/task.ts'
import { dicomweb } from '../../src-engine/dicomweb/handler.ts'
import type { DicomWebSource } from '../../src-engine/dicomweb-source.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { pageFile } from '../../src-relay/http/page-files.ts'

const pages = path.resolve(import.meta.dirname, '../../out/portal')
const slice = path.resolve(
  import.meta.dirname,
  '../../../shared/dicom/cornerstonejs+cornerstone3D/packages/dicomImageLoader/testImages',
  'CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm',
)
const SLICES = 80

/** Returns scripts and styles of the pages in one language, without those that only reports need. */
function wanted(): string[] {
  const largest = new Map<string, string>()
  const size = (file: string): number => readFileSync(path.join(pages, 'assets', file)).length
  for (const file of readdirSync(path.join(pages, 'assets')).filter(
    (name) => /\.(js|css)$/.test(name) && !name.startsWith('instance-content'),
  )) {
    // The catalogs of the languages have the same name; the larger one counts.
    const name = file.replace(/-[\w-]{8}\.(js|css)$/, '.$1')
    const knownSize = largest.get(name)
    if (!knownSize || size(knownSize) < size(file)) largest.set(name, file)
  }
  return [...largest.values()]
}

describe.skipIf(!existsSync(path.join(pages, 'index.html')) || !existsSync(slice))('a recipient on a slow line', () => {
  it('X6: less than 400 kB come before the first image', async () => {
    const bytesOf = async (response: Response): Promise<number> => (await response.arrayBuffer()).byteLength
    const gzip = { headers: { 'accept-encoding': 'gzip, deflate, br' } }
    let programs = await bytesOf(await pageFile(pages, 'index.html', 'gzip'))
    for (const file of wanted()) programs += await bytesOf(await pageFile(pages, `assets/${file}`, 'gzip'))

    const sliceMetadata = toDicomJson(parseDicom(readFileSync(slice)).dataset)
    const series = Array.from({ length: SLICES }, (_, index) => ({
      ...sliceMetadata,
      '00080018': { vr: 'UI', Value: [`2.25.${3n ** 80n + BigInt(index) * 7n ** 40n}`] },
      '00200013': { vr: 'IS', Value: [index + 1] },
      '00200032': { vr: 'DS', Value: [-180.5, -170.25, index * 1.25] },
    }))
    const imaging = {
      render: (source: { path: string }, request: object) =>
        runTask({ kind: 'render', source, request } as Parameters<typeof runTask>[0], () => {}),
    } as unknown as Imaging
    const server = dicomweb({
      source: () =>
        ({ metadata: async () => series, instance: async () => ({ path: slice }) }) as unknown as DicomWebSource,
      imaging,
    })
    const metadata = await bytesOf(await server.request('/studies/1/series/1/metadata', gzip))
    const picture = await bytesOf(
      await server.request('/studies/1/series/1/instances/1/frames/1/rendered?viewport=512,512', {
        headers: { accept: 'image/jpeg' },
      }),
    )
    console.log(`programs ${programs}, metadata of ${SLICES} slices ${metadata}, first picture ${picture} bytes`)
    expect(picture).toBeGreaterThan(5_000)
    expect(programs + metadata + picture).toBeLessThan(400_000)
  })
})
