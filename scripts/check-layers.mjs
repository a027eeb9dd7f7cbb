// A step of npm run check. It fails when files import each other in a circle, when two folders import each other, or
// when a folder of workstation or relay imports one that the table below does not name.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { circlesOf, folderGraph, moduleGraph, mutualPairsOf } from './module-graph.mjs'
import { root } from './set-up.mjs'

/** For each folder, the folders of the same program that it may import. A folder that is not listed imports none. */
export const MAY_IMPORT = {
  'src-main': {
    app: ['audit', 'imaging', 'library', 'ports', 'secrets', 'sharing', 'staff', 'storage', 'sync'],
    audit: ['ports', 'secrets', 'staff', 'storage', 'sync'],
    cli: ['app', 'audit', 'hosts', 'imaging', 'library', 'secrets', 'sharing', 'staff', 'storage'],
    entries: ['app', 'cli', 'hosts', 'ports', 'secrets'],
    hosts: ['ports', 'secrets'],
    library: ['ports', 'storage'],
    secrets: ['ports', 'storage'],
    sharing: ['imaging', 'ports', 'staff', 'storage'],
    staff: ['ports', 'secrets', 'storage', 'sync'],
    storage: ['ports'],
    sync: ['ports', 'sharing'],
  },
  'src-relay': {
    access: ['audit', 'feed', 'notices', 'ports', 'sealing'],
    app: [
      'access',
      'audit',
      'callers',
      'dicomweb',
      'directory',
      'feed',
      'http',
      'notices',
      'ports',
      'sealing',
      'shares',
      'storage',
      'uploads',
    ],
    audit: ['callers', 'ports', 'storage'],
    callers: ['ports', 'sealing'],
    dicomweb: ['access', 'audit', 'ports', 'shares'],
    directory: ['audit', 'callers', 'feed', 'ports', 'sealing'],
    feed: ['audit', 'callers', 'ports', 'storage'],
    hosts: ['app', 'ports'],
    http: ['storage'],
    notices: ['audit', 'feed', 'http', 'ports', 'sealing', 'storage'],
    sealing: ['ports'],
    shares: ['audit', 'callers', 'directory', 'feed', 'notices', 'ports', 'sealing', 'uploads'],
    storage: ['ports'],
    uploads: ['callers', 'http', 'ports'],
  },
}

function foldersNotNamed(folders, mayImport) {
  return Object.entries(mayImport).flatMap(([program, table]) =>
    [...folders].flatMap(([from, imported]) =>
      [...imported]
        .filter(([to]) => from.startsWith(`${program}/`) && to.startsWith(`${program}/`))
        .filter(([to]) => from.split('/').length === 2 && !table[from.split('/')[1]]?.includes(to.split('/')[1]))
        .flatMap(([, imports]) => imports),
    ),
  )
}

/**
 * @param {string} folder contains the programs
 * @param {readonly string[]} files relative to it
 * @param {Record<string, Record<string, string[]>>} mayImport as MAY_IMPORT
 * @returns {string[]} a sentence for each circle of files, each pair of folders and each import that is not allowed
 */
export function checkLayers(folder, files, mayImport) {
  const graph = moduleGraph(folder, files)
  const folders = folderGraph(graph)
  const importsOf = (pair) => {
    const [first, second] = pair.split(' and ')
    return [...folders.get(first).get(second), ...folders.get(second).get(first)]
      .map((text) => `\n    ${text}`)
      .join('')
  }
  return [
    ...circlesOf(graph).map((circle) => `These files import each other in a circle: ${circle.join(', ')}`),
    ...mutualPairsOf(folders).map((pair) => `The folders ${pair} import each other:${importsOf(pair)}`),
    ...foldersNotNamed(folders, mayImport).map(
      (text) => `MAY_IMPORT of scripts/check-layers.mjs does not name it: ${text}`,
    ),
  ]
}

/** Tests are not checked: they may import anything, and no file imports a test. */
const isChecked = (file) => /^src-.*\.tsx?$/.test(file) && !/\.(test|fixture|d)\.tsx?$/.test(file)

if (import.meta.filename === process.argv[1]) {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => isChecked(file) && existsSync(join(root, file)))
  const problems = checkLayers(root, files, MAY_IMPORT)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
