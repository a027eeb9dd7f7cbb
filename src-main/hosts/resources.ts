import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The project's folder in a checkout; packaged programs pass their own. */
export const root = join(import.meta.dirname, '..', '..')
export const resourcesFolder = join(root, 'resources')
export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
