// A step of npm run check: prints how large lines, functions and files are and where JSON is parsed, and fails when one
// of these counts is over its limit.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './set-up.mjs'

const MAX_COLUMNS = 120

/**
 * The highest value that each count may have. `target` is the project's aim; `limit` is the latest count, and is
 * lowered whenever the count has become smaller.
 */
export const LIMITS = {
  'lines over 120 columns': { limit: 0, target: 0 },
  'functions over 80 lines': { limit: 0, target: 0 },
  'lines of the median file': { limit: 80, target: 80 },
  'lines of the largest file': { limit: 450, target: 450 },
  'JSON.parse in src-core': { limit: 1, target: 1 },
  'JSON.parse in src-engine': { limit: 0, target: 0 },
  'JSON.parse in src-main': { limit: 0, target: 0 },
  'JSON.parse in src-relay': { limit: 0, target: 0 },
  'JSON.parse in the pages': { limit: 0, target: 0 },
}

const isTest = (path) => /^tests\/|\.(test|fixture)\.tsx?$/.test(path)
const isProgram = (path) => /^src-.*\.tsx?$/.test(path) && !isTest(path)
const isPage = (path) => /^src-(ui|renderer|portal|preload)\//.test(path)
const timesOf = (pattern, text) => text.match(pattern)?.length ?? 0
const linesOf = (text) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

/**
 * @param {{ path: string, text: string }[]} files written by hand
 * @param {readonly string[]} longFunctions `path:line` of each function over 80 lines
 * @returns {Record<keyof typeof LIMITS, { count: number, where: string }>}
 */
export function countSizes(files, longFunctions) {
  const programs = files.filter(({ path }) => isProgram(path))
  const bySize = programs
    .map(({ path, text }) => ({ path, lines: linesOf(text) }))
    .sort((first, second) => first.lines - second.lines)
  const largest = bySize.at(-1)
  const longLines = files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => ([...line].length > MAX_COLUMNS ? `${path}:${index + 1}` : [])),
  )
  const parseCallsIn = (belongs) => {
    const callers = programs
      .filter(({ path }) => belongs(path))
      .map(({ path, text }) => ({ path, count: timesOf(/\bJSON\.parse\(/g, text) }))
      .filter(({ count }) => count > 0)
    return {
      count: callers.reduce((sum, { count }) => sum + count, 0),
      where: callers.map(({ path }) => path).join(' '),
    }
  }
  return {
    'lines over 120 columns': { count: longLines.length, where: longLines.join(' ') },
    'functions over 80 lines': { count: longFunctions.length, where: longFunctions.join(' ') },
    'lines of the median file': { count: bySize[Math.floor(bySize.length / 2)]?.lines ?? 0, where: '' },
    'lines of the largest file': { count: largest?.lines ?? 0, where: largest?.path ?? '' },
    'JSON.parse in src-core': parseCallsIn((path) => path.startsWith('src-core/')),
    'JSON.parse in src-engine': parseCallsIn((path) => path.startsWith('src-engine/')),
    'JSON.parse in src-main': parseCallsIn((path) => path.startsWith('src-main/')),
    'JSON.parse in src-relay': parseCallsIn((path) => path.startsWith('src-relay/')),
    'JSON.parse in the pages': parseCallsIn(isPage),
  }
}

/** @returns {{ lines: string[], ok: boolean }} lines: one for each count; a count over its limit also says where */
export function compareWithLimits(sizes, limits) {
  const lines = Object.entries(limits).map(([name, { limit, target }]) => {
    const { count, where } = sizes[name]
    if (count > limit) return `${name}: ${count}, and the limit is ${limit}\n  ${where}`
    const aim = limit > target ? `, limit ${limit}, target ${target}` : `, limit ${limit}`
    const lower = count < limit && limit > target ? `; lower the limit to ${Math.max(count, target)}` : ''
    return `${name}: ${count}${aim}${lower}`
  })
  return { lines, ok: Object.entries(limits).every(([name, { limit }]) => sizes[name].count <= limit) }
}

function functionsOverLimit() {
  const { stdout } = spawnSync(
    process.execPath,
    ['node_modules/oxlint/bin/oxlint', '-c', 'scripts/size.oxlintrc.json', '--format', 'json'],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  return JSON.parse(stdout)
    .diagnostics.map(({ filename, labels }) => ({ path: filename, line: labels[0].span.line }))
    .filter(({ path }) => !isTest(path))
    .map(({ path, line }) => `${path}:${line}`)
    .sort()
}

if (import.meta.filename === process.argv[1]) {
  const fileNames = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  const files = fileNames
    .split('\n')
    .filter((path) => /\.(ts|tsx|mjs|css)$/.test(path) && !path.endsWith('.generated.ts'))
    .filter((path) => existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  const { lines, ok } = compareWithLimits(countSizes(files, functionsOverLimit()), LIMITS)
  console.log(lines.join('\n'))
  process.exitCode = ok ? 0 : 1
}
