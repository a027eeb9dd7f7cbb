/**
 * Renders pictures at a relay's DICOMweb handler, whose instances are Buffers, and at a workstation's pool, which reads
 * files, and compares the two.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { dicomweb } from '../../src-engine/dicomweb/handler.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { codeOf } from '../../src-core/contract/errors.ts'
import type { PictureSource } from './picture-sources.ts'

export interface PictureReport {
  pictures: number
  /** Sources whose picture failed or differs, with the job's number. */
  readonly wrong: string[]
}

/** Returns bytes as a relay's read of a grant does: as part of a larger buffer. */
function asRead(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0), bytes]).subarray(1)
}

/**
 * @param firstJob the number of the first job of each pool
 * @param count pictures at each of the two
 */
export async function runPictures(
  sources: readonly PictureSource[],
  { firstJob, count }: { readonly firstJob: number; readonly count: number },
): Promise<PictureReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'outpost-pictures-'))
  const [relay, workstation] = [1, 2].map(() => createImaging({ concurrency: 1, firstJob }))
  const handler = dicomweb({
    imaging: relay!,
    source: () => ({
      studies: async () => [],
      series: async () => [],
      instances: async () => [],
      metadata: async () => [{}],
      instance: async (_study, _series, instance) => ({ bytes: asRead(sources[Number(instance)]!.bytes) }),
    }),
  })
  const report: PictureReport = { pictures: 0, wrong: [] }
  try {
    const paths = await Promise.all(
      sources.map(async ({ bytes }, index) => {
        const file = path.join(folder, `${index}.dcm`)
        await writeFile(file, bytes)
        return file
      }),
    )
    for (let done = 0; done < count; done++) {
      const index = done % sources.length
      const name = `${sources[index]!.name}, job ${firstJob + done}`
      // Every seventh picture is a thumbnail, as lists request them.
      const thumbnail = done % 7 === 0
      const response = await handler.request(
        `/studies/1/series/2/instances/${index}/${thumbnail ? 'thumbnail' : 'rendered'}`,
        { headers: { accept: 'image/jpeg' } },
      )
      const expected = await workstation!
        .render(
          { path: paths[index]! },
          thumbnail
            ? { frame: 1, format: 'jpeg', quality: 85, viewport: { width: 256, height: 256 } }
            : { frame: 1, format: 'jpeg' },
        )
        .catch((error: unknown) => codeOf(error))
      report.pictures += 2
      if (typeof expected === 'string') report.wrong.push(`${name}: workstation ${expected}`)
      else if (response.status !== 200) report.wrong.push(`${name}: relay ${response.status}`)
      else if (Buffer.compare(new Uint8Array(await response.arrayBuffer()), expected.bytes) !== 0)
        report.wrong.push(`${name}: the pictures differ`)
    }
    return report
  } finally {
    await Promise.all([relay!.close(), workstation!.close()])
    await rm(folder, { recursive: true })
  }
}
