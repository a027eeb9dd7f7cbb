/**
 * npm run faults -- foreign-bytes: every compressed file of the corpus, with bytes that no decoder needs at every
 * place:
 * none may be left, and other decoders see the same pixels. tests/integration has a share of it.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { compressedFiles, foreignBytesTrial } from '../support/foreign-bytes-trial.ts'
import { hasForeignDecoders } from '../support/foreign-pixels.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')
if (!existsSync(corpus) || !hasForeignDecoders) {
  console.log('foreign-bytes: skipped, the corpus or the other decoders are not here')
  process.exit(0)
}
let faults = 0
for (const [syntax, files] of compressedFiles(corpus, 10_000_000)) {
  const work = mkdtempSync(path.join(tmpdir(), 'foreign-bytes-'))
  try {
    const { survivors, differing, written, compared } = foreignBytesTrial(files, work)
    for (const line of survivors) console.log(`left: ${line}`)
    for (const line of differing) console.log(`differs: ${line}`)
    faults += survivors.length + differing.length
    console.log(`${syntax}: ${files.length} files, ${written} variants, ${compared} compared`)
  } finally {
    rmSync(work, { recursive: true })
  }
}
console.log(`${faults} faults`)
process.exit(faults === 0 ? 0 : 1)
