// node scripts/mutate.mjs [--random N] [--seed N] [--only U11]: switches rules off, one at a time, in a copy of the
// project, and shows which tests turn red.
// Exit 0 when every mutation is noticed; 1 when one stays green, when the tests fail without any, or when the code of a
// rule is not where the table says.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { replaceCode } from './find-code.mjs'
import { rules } from './mutation-rules.mjs'
import { root } from './set-up.mjs'

const { values } = parseArgs({
  options: { random: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
})

/** A small generator of its own, so that a seed gives the same choice everywhere (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function chosen() {
  const wanted = values.only === undefined ? rules : rules.filter(({ requirement }) => requirement === values.only)
  if (values.random === undefined) return { picked: wanted, seed: null }
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed)
  const random = randomFrom(seed)
  const left = [...wanted]
  const picked = Array.from(
    { length: Math.min(Number(values.random), left.length) },
    () => left.splice(Math.floor(random() * left.length), 1)[0],
  )
  return { picked, seed }
}

/** What git knows or would take, as it is now; packages and built pages are shared with the original. */
function copyProject(folder) {
  const list = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  for (const file of list.stdout.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  for (const name of ['node_modules', 'out'])
    if (existsSync(join(root, name))) symlinkSync(join(root, name), join(folder, name))
}

/**
 * Runs some tests of the copy. @returns titles of those that failed, how many passed, and whether a file could not even
 * be loaded
 */
function runTests(folder, files, title) {
  const report = join(dirname(folder), 'report.json')
  rmSync(report, { force: true })
  const run = spawnSync(
    process.execPath,
    [
      join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...files,
      ...(title === undefined ? [] : ['-t', title]),
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { cwd: folder, encoding: 'utf8', timeout: 600_000 },
  )
  if (!existsSync(report)) return { failed: [], passed: 0, broken: run.stderr.slice(-2000) || 'no report' }
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const unloaded = testResults.find(
    ({ assertionResults, status }) => status === 'failed' && assertionResults.length === 0,
  )
  const titlesOf = (status) => tests.filter((test) => test.status === status).map((test) => test.title)
  return {
    failed: titlesOf('failed'),
    passed: titlesOf('passed').length,
    broken: unloaded ? `${unloaded.name}: ${unloaded.message}` : null,
  }
}

/** The same without any mutation, once. */
const known = new Map()
function runUnchanged(folder, test, title) {
  const key = `${test} ${title}`
  if (!known.has(key)) known.set(key, runTests(folder, [test], title))
  return known.get(key)
}

const { picked, seed } = chosen()
/** The source of a rule's file with the rule switched off. @throws Error when its code is not there exactly once */
const switchedOff = ({ file, find, replace }) =>
  replaceCode(file, readFileSync(join(root, file), 'utf8'), find, replace)
const misplaced = picked.flatMap((rule) => {
  try {
    switchedOff(rule)
    return []
  } catch (error) {
    return `${rule.requirement}: ${error.message}`
  }
})
for (const line of misplaced) console.error(line)
if (misplaced.length > 0) process.exit(1)

const place = mkdtempSync(join(tmpdir(), 'outpost-mutate-'))
const folder = join(place, 'project')
let survived = 0
try {
  copyProject(folder)
  // files that lie beside the project and that some tests read
  if (existsSync(join(root, '..', 'shared'))) symlinkSync(join(root, '..', 'shared'), join(place, 'shared'))
  if (seed !== null) console.log(`${picked.length} of ${rules.length} mutations, seed ${seed}`)
  console.log('| requirement | rule switched off in | test | without it |\n|---|---|---|---|')
  for (const rule of picked) {
    const { requirement, file, test, title } = rule
    const path = join(folder, file)
    const before = readFileSync(path, 'utf8')
    const whole = runUnchanged(folder, test, title)
    if (whole.failed.length > 0 || whole.broken !== null || whole.passed === 0) {
      console.log(
        `| ${requirement} | ${file} | ${test} | NOT GREEN BEFORE: ${whole.broken ?? (whole.failed.join('; ') || 'no such test')} |`,
      )
      survived++
      continue
    }
    writeFileSync(path, switchedOff(rule))
    const { failed, broken } = runTests(folder, [test], title)
    writeFileSync(path, before)
    if (failed.length === 0) survived++
    console.log(
      `| ${requirement} | ${file} | ${test} | ${failed.length > 0 ? `red: ${failed[0]}${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}` : broken === null ? 'STAYS GREEN' : `DOES NOT LOAD: ${broken}`} |`,
    )
  }
} finally {
  rmSync(place, { recursive: true, force: true })
}
console.log(`${picked.length - survived} of ${picked.length} noticed`)
process.exit(survived === 0 ? 0 : 1)
