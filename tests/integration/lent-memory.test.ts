/**
 * Frames are decoded into buffers that contained frames of other patients. No byte of those may show, however damaged a
 * file is.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { codeOf } from '../../src-core/contract/errors.ts'
import { transferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import { withFrameMemory } from '../../src-engine/decode/frame-memory.ts'
import { openInstance } from '../../src-engine/decode/instance.ts'
import { renderFrame } from '../../src-engine/render/render-frame.ts'
import { corpusFiles, mutantOf } from '../support/mutants.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')
const workFolder = mkdtempSync(path.join(tmpdir(), 'lent-memory-'))
afterAll(() => rmSync(workFolder, { recursive: true, force: true }))

/** Syntaxes whose samples are written into the reused buffer; the other decoders have their own memory. */
const USES_LENT_MEMORY = new Set(['native', 'encapsulated', 'rle', 'jpeg-lossless', 'jpeg-ls'])
const MAX_BYTES = 300_000
const MUTANTS = 4
const SIZES = Array.from({ length: 16 }, (_, power) => 2 ** (power + 6))

/** Fills the buffer that is used next with one byte. */
const fill = (byte: number) =>
  withFrameMemory(async (allocate) => {
    for (const size of SIZES) allocate(size).fill(byte)
  })

/** Returns the result for a file's first frame; the file is opened again each time. */
async function shown(file: string, byte: number): Promise<unknown[]> {
  const outcomes: unknown[] = []
  const attempt = async (make: () => Promise<Uint8Array>): Promise<void> => {
    await fill(byte)
    outcomes.push(await make().then((bytes) => Buffer.from(bytes).toString('base64'), codeOf))
  }
  await attempt(
    async () => (await openInstance({ path: file }).decode(1, (length) => new Uint8Array(length).fill(byte))).pixels,
  )
  await attempt(async () => (await renderFrame(openInstance({ path: file }), { frame: 1, format: 'png' })).bytes)
  await attempt(
    async () => (await renderFrame(openInstance({ path: file }), { frame: 1, format: 'jpeg', size: 64 })).bytes,
  )
  return outcomes
}

function usesLentMemory(file: string): boolean {
  try {
    return USES_LENT_MEMORY.has(transferSyntax(openInstance({ path: file }).file.TransferSyntaxUID).pixels)
  } catch {
    return false
  }
}

describe.skipIf(!existsSync(path.join(corpus, 'CATALOG.tsv')))('W3: memory that is used again', () => {
  it('W3: no picture, whole or damaged, depends on what the memory held before', async () => {
    const files = corpusFiles(corpus)
      .map(({ name }) => path.join(corpus, name))
      .filter((file) => statSync(file).size <= MAX_BYTES && usesLentMemory(file))
    let pictures = 0
    for (const [index, original] of files.entries()) {
      const bytes = readFileSync(original)
      for (let mutant = 0; mutant <= MUTANTS; mutant++) {
        const file = mutant === 0 ? original : path.join(workFolder, 'mutant')
        if (mutant > 0) writeFileSync(file, mutantOf(bytes, index * MUTANTS + mutant))
        const dark = await shown(file, 0x00)
        const bright = await shown(file, 0xff)
        expect(bright, `${path.relative(corpus, original)}, mutant ${mutant}`).toEqual(dark)
        pictures += dark.filter((outcome) => typeof outcome === 'string' && outcome.length > 50).length
      }
    }
    expect(files.length).toBeGreaterThan(150)
    expect(pictures).toBeGreaterThan(1000)
  }, 300_000)
})
