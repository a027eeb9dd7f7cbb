/** Runs the command on files that hide data with their pixels: only what a person has reviewed may leave. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { deidentifyFiles } from '../../src-main/imaging/deidentify-command.ts'
import { pseudonyms } from '../../src-main/imaging/uid-map.ts'
import { foreignPixels, hasForeignDecoders } from '../support/foreign-pixels.ts'

const cases = path.resolve(import.meta.dirname, '../../../shared/cases')

describe.skipIf(!existsSync(cases))('D5: hidden with the pixels', () => {
  const workFolder = mkdtempSync(path.join(tmpdir(), 'hidden-pixels-'))
  afterAll(() => rmSync(workFolder, { recursive: true }))
  /** Returns source and output of every file of a folder. */
  const written = async (name: string): Promise<[source: string, output: string][]> => {
    const folder = path.join(cases, name, 'files')
    const pairs: [source: string, output: string][] = []
    for (const file of readdirSync(folder)) {
      const [input, out] = [path.join(workFolder, `in-${file}`), path.join(workFolder, `out-${file}`)]
      cpSync(path.join(folder, file), path.join(input, file))
      const outcome = await deidentifyFiles({
        inputs: [input],
        out,
        options: [],
        allowPixels: true,
        pseudonyms: pseudonyms(new Uint8Array(32).fill(5)),
        paint: () => Promise.reject(new Error('nothing is decoded')),
        now: () => 0,
      })
      expect(outcome.refused).toEqual([])
      const outputNames = readdirSync(out, { recursive: true }).map(String)
      pairs.push([path.join(folder, file), path.join(out, outputNames.find((name) => name.endsWith('.dcm'))!)])
    }
    return pairs
  }

  it('D5: comments and EXIF between JPEG scans and before the end are removed, and the pixels stay', async () => {
    const pairs = await written('02-deid-pixel-bytes')
    expect(pairs.length).toBeGreaterThan(3)
    for (const [, output] of pairs) expect(readFileSync(output).includes('ZZNEEDLE')).toBe(false)
    if (!hasForeignDecoders) return
    expect(foreignPixels(pairs.map(([, output]) => output))).toEqual(foreignPixels(pairs.map(([source]) => source)))
  })

  it('D5: pages that no NumberOfFrames names leave with no file', async () => {
    const [pair] = await written('14-hidden-pages')
    expect(readFileSync(pair![1]).includes('HIDDENPAGE')).toBe(false)
  })
})
