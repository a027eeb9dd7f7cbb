// Builds the graph of which file imports which, types included, and finds in it circles of files and folders that
// import each other.
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from 'vite'

/**
 * Matches `import('./x.ts')` in code and `import('./x.ts').Type` in a type, which the parser's list of imports omits.
 */
const IMPORT_EXPRESSION = /\bimport\(\s*(['"])(\.[^'"]+)\1\s*\)/g

function importsOf(file, source) {
  const { module } = parseSync(file, source)
  const statements = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value ?? '')),
  ]
  return [...statements, ...[...source.matchAll(IMPORT_EXPRESSION)].map((match) => match[2])]
}

/**
 * @param {string} root
 * @param {readonly string[]} files relative to root, with slashes
 * @returns {Map<string, Set<string>>} for each file, which others of the list it imports
 */
export function moduleGraph(root, files) {
  const listed = new Set(files)
  return new Map(
    files.map((file) => {
      const targets = importsOf(file, readFileSync(join(root, file), 'utf8')).map((path) =>
        posix.join(posix.dirname(file), path),
      )
      return [file, new Set(targets.filter((target) => listed.has(target)))]
    }),
  )
}

/**
 * @param {Map<string, Set<string>>} graph
 * @returns {string[][]} each group of files in which every file reaches every other (Tarjan's algorithm)
 */
export function circlesOf(graph) {
  const numbers = new Map()
  const lowest = new Map()
  const stack = []
  const circles = []
  const visit = (file) => {
    numbers.set(file, numbers.size)
    lowest.set(file, numbers.get(file))
    stack.push(file)
    for (const target of graph.get(file)) {
      if (!numbers.has(target)) visit(target)
      if (stack.includes(target)) lowest.set(file, Math.min(lowest.get(file), lowest.get(target)))
    }
    if (lowest.get(file) !== numbers.get(file)) return
    const group = stack.splice(stack.indexOf(file))
    if (group.length > 1 || graph.get(file).has(file)) circles.push(group.sort())
  }
  for (const file of graph.keys()) if (!numbers.has(file)) visit(file)
  return circles
}

/**
 * Returns the two sibling folders that an import connects: for `src-main/storage/a.ts` and `src-main/sync/b.ts` these
 * are `src-main/storage` and `src-main/sync`. A folder and its own subfolder are not siblings.
 */
function siblingFolders(file, target) {
  const [from, to] = [file, target].map((path) => path.split('/').slice(0, -1))
  const depth = from.findIndex((name, index) => name !== to[index])
  if (depth === -1 || to.length <= depth) return null
  return [from, to].map((names) => names.slice(0, depth + 1).join('/'))
}

/**
 * @param {Map<string, Set<string>>} graph
 * @returns {Map<string, Map<string, string[]>>} for each folder, which sibling folders it imports, and by which imports
 */
export function folderGraph(graph) {
  const folders = new Map()
  for (const [file, targets] of graph)
    for (const target of targets) {
      const siblings = siblingFolders(file, target)
      if (siblings === null) continue
      const [from, to] = siblings
      if (!folders.has(from)) folders.set(from, new Map())
      const imported = folders.get(from)
      imported.set(to, [...(imported.get(to) ?? []), `${file} imports ${target}`])
    }
  return folders
}

/** @returns {string[]} `a and b` for each two folders that import each other, in alphabetical order */
export function mutualPairsOf(folders) {
  return [...folders].flatMap(([from, imported]) =>
    [...imported.keys()].filter((to) => from < to && folders.get(to)?.has(from)).map((to) => `${from} and ${to}`),
  )
}
