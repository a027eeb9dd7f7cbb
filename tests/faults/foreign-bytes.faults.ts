/**
 * npm run faults -- foreign-bytes puts bytes that no decoder needs at every place of every compressed file of the
 * corpus: none may be left, and other decoders must see the same pixels. tests/integration runs a share of it. An
 * interrupted run continues where it stopped.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { compressedFiles, foreignBytesTrial } from '../support/foreign-bytes-trial.ts'
import { hasForeignDecoders } from '../support/foreign-pixels.ts'
import { runParts } from '../support/resumable.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')
if (!existsSync(corpus) || !hasForeignDecoders) {
  console.log('foreign-bytes: skipped, the corpus or the other decoders are not here')
  process.exit(0)
}
/** The number of files of one part: several small ones, because each part starts the other decoders. */
const FILES = 4
const parts = new Map<string, readonly string[]>(
  [...compressedFiles(corpus, 10_000_000)].flatMap(([syntax, files]) =>
    Array.from({ length: Math.ceil(files.length / FILES) }, (_, index) => {
      const filesOfPart = files.slice(index * FILES, (index + 1) * FILES)
      return [`${syntax} ${index * FILES + 1} to ${index * FILES + filesOfPart.length}`, filesOfPart] as const
    }),
  ),
)
process.exitCode = await runParts('foreign-bytes', [...parts.keys()], (part) => {
  const workFolder = mkdtempSync(path.join(tmpdir(), 'foreign-bytes-'))
  try {
    const { survivors, differing, written, compared } = foreignBytesTrial(parts.get(part)!, workFolder)
    for (const line of survivors) console.log(`left: ${line}`)
    for (const line of differing) console.log(`differs: ${line}`)
    console.log(`${part}: ${written} variants, ${compared} compared`)
    return survivors.length + differing.length
  } finally {
    rmSync(workFolder, { recursive: true })
  }
})
