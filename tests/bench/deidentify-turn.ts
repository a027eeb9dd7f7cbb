/**
 * One turn of the de-identification bench. Run by itself (FOLDER OUT FILES) it is a process that ends, like the
 * programs it is compared with.
 */
import { deidentifyFiles } from '../../src-main/imaging/deidentify-command.ts'
import { pseudonyms } from '../../src-main/imaging/uid-map.ts'

/** Applies the whole Basic Profile to the folder, as the command `deidentify` does once it has its keys. */
export async function deidentify(input: string, out: string, files: number): Promise<void> {
  const { written } = await deidentifyFiles({
    inputs: [input],
    out,
    options: [],
    allowPixels: false,
    pseudonyms: pseudonyms(new Uint8Array(32).fill(1)),
    paint: () => Promise.reject(new Error('these files are not compressed')),
    now: () => performance.now(),
  })
  if (written !== files) throw new Error(`${written} of ${files} written`)
}

if (import.meta.filename === process.argv[1]) {
  const [input = '', out = '', files] = process.argv.slice(2)
  // Ends as every command does. CommonJS, into which this file is bundled, has no top-level await.
  deidentify(input, out, Number(files)).then(
    () => process.exit(),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
}
