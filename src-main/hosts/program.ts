/**
 * What a program provides to the commands and windows that it runs: where its files are, and how it starts threads and
 * processes.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parseJson } from '../../src-core/parse-json.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import type { Host } from '../ports/host.ts'

export interface Program {
  readonly version: string
  readonly resourcesFolder: string
  /** The workstation's built page. */
  readonly pageFolder: string
  readonly entries: Host['entries']
  /** Used for requests to the relay. */
  readonly fetch: typeof globalThis.fetch
  createImaging(): Promise<Imaging>
}

const PackageFile = z.object({ version: z.string() })

/**
 * A program run by Node, from a checkout or from the files of an installed program.
 * @param root folder that contains package.json, resources and out/renderer
 * @param entries source files in a checkout, bundles when installed
 */
export function programAt(root: string, entries: Host['entries'] & { readonly decode: URL }): Program {
  return {
    version: parseJson(readFileSync(join(root, 'package.json'), 'utf8'), PackageFile, 'internal').version,
    resourcesFolder: join(root, 'resources'),
    pageFolder: join(root, 'out', 'renderer'),
    entries: { storage: entries.storage, indexer: entries.indexer, preparer: entries.preparer },
    fetch: globalThis.fetch,
    // The decoders are loaded on demand, because most commands decode nothing.
    createImaging: async () =>
      (await import('../../src-engine/decode-process/pool.ts')).createImaging({ entry: entries.decode }),
  }
}
