/**
 * One turn of the de-identification bench. Run by itself it is a process that ends, as the peers are: FOLDER OUT FILES.
 */
import { expectToEndSoon } from '../../src-main/hosts/short-command.ts'
import { deidentifyFiles } from '../../src-main/imaging/deidentify-command.ts'
import { pseudonyms } from '../../src-main/imaging/uid-map.ts'

/** The whole Basic Profile on the folder, as the command `deidentify` does it once it has its keys. */
export function deidentify(input: string, out: string, files: number): void {
  const { written } = deidentifyFiles({
    inputs: [input],
    out,
    options: [],
    allowPixels: false,
    pseudonyms: pseudonyms(new Uint8Array(32).fill(1)),
    now: () => process.uptime() * 1000,
  })
  if (written !== files) throw new Error(`${written} of ${files} written`)
}

if (import.meta.filename === process.argv[1]) {
  expectToEndSoon({ copying: true })
  const [input = '', out = '', files] = process.argv.slice(2)
  deidentify(input, out, Number(files))
  // As every command ends.
  process.exit()
}
