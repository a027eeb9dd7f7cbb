// A step of npm run check: no circle of files, no two folders that import each other, and within workstation and relay
// every folder imports only the folders that the table below names.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { circlesOf, folderGraph, moduleGraph, mutualPairsOf } from './module-graph.mjs'
import { root } from './set-up.mjs'

/** Which folders of the same program a folder may import. A folder that is not named here imports none. */
export const MAY_IMPORT = {
  'src-main': {
    app: ['audit', 'imaging', 'library', 'secrets', 'sharing', 'staff', 'storage', 'sync'],
    audit: ['app', 'secrets', 'staff', 'storage', 'sync'],
    hosts: ['app', 'audit', 'imaging', 'library', 'secrets', 'storage'],
    library: ['app', 'sharing', 'storage'],
    secrets: ['app', 'storage'],
    sharing: ['app', 'imaging', 'staff', 'storage'],
    staff: ['app', 'secrets', 'sharing', 'storage', 'sync'],
    storage: ['sharing'],
    sync: ['app', 'sharing'],
  },
  'src-relay': {
    app: ['audit', 'dicomweb', 'directory', 'gates', 'notices', 'shares', 'storage', 'uploads'],
    audit: ['app', 'storage'],
    dicomweb: ['app', 'audit', 'gates', 'shares'],
    directory: ['app', 'audit', 'shares', 'storage'],
    gates: ['app', 'audit', 'dicomweb', 'notices', 'shares', 'storage'],
    hosts: ['app'],
    notices: ['app', 'gates', 'shares', 'storage'],
    shares: ['app', 'audit', 'directory', 'gates', 'notices', 'storage'],
    storage: ['app'],
    uploads: ['app', 'storage'],
  },
}

/** What the tree still has of these. The lists become shorter as it improves; nothing is ever added. */
export const KNOWN = {
  circles: [
    'src-core/audit/audit-entry.ts, src-core/audit/relay-entry.ts',
    'src-core/deidentify/table.generated.ts, src-core/deidentify/table.ts',
    'src-core/dicom/pixels/gray.ts, src-core/dicom/pixels/raster.ts, src-core/dicom/pixels/shrink.ts',
    [
      'src-main/app/services.ts',
      'src-main/audit/seen-in-session.ts',
      'src-main/library/import/imports.ts',
      'src-main/sharing/look.ts',
      'src-main/sharing/share-studies.ts',
      'src-main/staff/session.ts',
    ].join(', '),
    'src-main/storage/index/index-writer.ts, src-main/storage/index/study-patients.ts',
    'src-relay/ports/relay-context.ts, src-relay/uploads/upload-room.ts',
  ],
  pairs: [
    'src-engine/decode and src-engine/encode',
    'src-engine/decode and src-engine/render',
    'src-main/app and src-main/audit',
    'src-main/app and src-main/library',
    'src-main/app and src-main/secrets',
    'src-main/app and src-main/sharing',
    'src-main/app and src-main/staff',
    'src-main/app and src-main/sync',
    'src-main/sharing and src-main/staff',
    'src-main/sharing and src-main/storage',
    'src-relay/app and src-relay/audit',
    'src-relay/app and src-relay/dicomweb',
    'src-relay/app and src-relay/directory',
    'src-relay/app and src-relay/gates',
    'src-relay/app and src-relay/notices',
    'src-relay/app and src-relay/shares',
    'src-relay/app and src-relay/storage',
    'src-relay/app and src-relay/uploads',
    'src-relay/dicomweb and src-relay/gates',
    'src-relay/directory and src-relay/shares',
    'src-relay/gates and src-relay/notices',
    'src-relay/gates and src-relay/shares',
    'src-relay/notices and src-relay/shares',
    'src-renderer/components and src-renderer/state',
  ],
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
 * @param {string} folder holds the programs
 * @param {readonly string[]} files relative to it
 * @param {Record<string, Record<string, string[]>>} mayImport as MAY_IMPORT
 * @param {{ circles: readonly string[], pairs: readonly string[] }} known as KNOWN
 * @returns {{ problems: string[], mended: string[] }} sentences; mended: what stands among the known ones and is gone
 */
export function checkLayers(folder, files, mayImport, known) {
  const graph = moduleGraph(folder, files)
  const folders = folderGraph(graph)
  const circles = circlesOf(graph).map((circle) => circle.join(', '))
  const pairs = mutualPairsOf(folders)
  const importsOf = (pair) => {
    const [one, other] = pair.split(' and ')
    return [...folders.get(one).get(other), ...folders.get(other).get(one)].map((text) => `\n    ${text}`).join('')
  }
  return {
    problems: [
      ...circles
        .filter((circle) => !known.circles.includes(circle))
        .map((circle) => `These files import each other in a circle: ${circle}`),
      ...pairs
        .filter((pair) => !known.pairs.includes(pair))
        .map((pair) => `The folders ${pair} import each other:${importsOf(pair)}`),
      ...foldersNotNamed(folders, mayImport).map(
        (text) => `MAY_IMPORT of scripts/check-layers.mjs does not name it: ${text}`,
      ),
    ],
    mended: [
      ...known.circles.filter((circle) => !circles.includes(circle)),
      ...known.pairs.filter((pair) => !pairs.includes(pair)),
    ],
  }
}

/** Tests may import anything: nothing imports them. */
const isChecked = (file) => /^src-.*\.tsx?$/.test(file) && !/\.(test|fixture|d)\.tsx?$/.test(file)

if (import.meta.filename === process.argv[1]) {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => isChecked(file) && existsSync(join(root, file)))
  const { problems, mended } = checkLayers(root, files, MAY_IMPORT, KNOWN)
  for (const problem of problems) console.error(problem)
  for (const text of mended) console.log(`KNOWN in scripts/check-layers.mjs can lose a line, it is mended: ${text}`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
