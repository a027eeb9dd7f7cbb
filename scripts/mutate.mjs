// node scripts/mutate.mjs [--random N] [--seed N] [--only U11] switches off one rule at a time in a copy of the
// project, and shows which tests then fail.
// A noticed mutation is kept in out/faults/mutations.json and not run again while the file of the rule and its test
// file are the same, so that a run that was stopped continues.
// Exit code 0: every mutation is noticed. Exit code 1: a mutation is not noticed, the tests fail without a mutation, or
// the code of a rule is not where the table says.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { replaceCode } from './find-code.mjs'
import { rules } from './mutation-rules.mjs'
import { chooseSome, randomFrom } from './seeded-random.mjs'
import { root } from './set-up.mjs'

const { values } = parseArgs({
  options: { random: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
})

function chooseRules() {
  const wanted = values.only === undefined ? rules : rules.filter(({ requirement }) => requirement === values.only)
  if (values.random === undefined) return { chosenRules: wanted, seed: null }
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed)
  return { chosenRules: chooseSome(wanted, Number(values.random), randomFrom(seed)), seed }
}

/** Copies all tracked and new files. Packages and built pages are links to the original. */
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
 * Runs some tests of the copy.
 * @returns titles of those that failed, how many passed, and which file could not be loaded
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

function outcomeOf(failed, broken) {
  if (failed.length === 0) return broken === null ? 'STAYS GREEN' : `DOES NOT LOAD: ${broken}`
  return `red: ${failed[0]}${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}`
}

const noticedFile = join(root, 'out', 'faults', 'mutations.json')
/** Outcomes of noticed mutations, by the hash of the rule and of the two files that it concerns. */
const noticed = existsSync(noticedFile) ? JSON.parse(readFileSync(noticedFile, 'utf8')) : {}

function hashOfRule(rule) {
  const hash = createHash('sha256').update(JSON.stringify(rule))
  for (const file of [rule.file, rule.test]) hash.update('\0').update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function keepNoticed(rule, outcome) {
  noticed[hashOfRule(rule)] = outcome
  mkdirSync(dirname(noticedFile), { recursive: true })
  writeFileSync(noticedFile, `${JSON.stringify(noticed, null, 1)}\n`)
}

/** Runs tests without a mutation, and keeps the result for the next rule with the same tests. */
const unchangedResults = new Map()
function runUnchanged(folder, test, title) {
  const key = `${test} ${title}`
  if (!unchangedResults.has(key)) unchangedResults.set(key, runTests(folder, [test], title))
  return unchangedResults.get(key)
}

const { chosenRules, seed } = chooseRules()
/**
 * Returns the source of a rule's file with the rule switched off. @throws Error when its code is not there exactly once
 */
const switchedOff = ({ file, find, replace }) =>
  replaceCode(file, readFileSync(join(root, file), 'utf8'), find, replace)
const misplaced = chosenRules.flatMap((rule) => {
  try {
    switchedOff(rule)
    return []
  } catch (error) {
    return `${rule.requirement}: ${error.message}`
  }
})
for (const line of misplaced) console.error(line)
if (misplaced.length > 0) process.exit(1)

const temporaryFolder = mkdtempSync(join(tmpdir(), 'outpost-mutate-'))
const folder = join(temporaryFolder, 'project')
let survived = 0
try {
  copyProject(folder)
  // Some tests read files of this folder, which lies beside the project.
  if (existsSync(join(root, '..', 'shared'))) symlinkSync(join(root, '..', 'shared'), join(temporaryFolder, 'shared'))
  if (seed !== null) console.log(`${chosenRules.length} of ${rules.length} mutations, seed ${seed}`)
  console.log('| requirement | rule switched off in | test | without it |\n|---|---|---|---|')
  for (const rule of chosenRules) {
    const { requirement, file, test, title } = rule
    const kept = noticed[hashOfRule(rule)]
    if (kept !== undefined) {
      console.log(`| ${requirement} | ${file} | ${test} | ${kept} |`)
      continue
    }
    const path = join(folder, file)
    const before = readFileSync(path, 'utf8')
    const unchanged = runUnchanged(folder, test, title)
    if (unchanged.failed.length > 0 || unchanged.broken !== null || unchanged.passed === 0) {
      const reason = unchanged.broken ?? (unchanged.failed.join('; ') || 'no such test')
      console.log(`| ${requirement} | ${file} | ${test} | NOT GREEN BEFORE: ${reason} |`)
      survived++
      continue
    }
    writeFileSync(path, switchedOff(rule))
    const { failed, broken } = runTests(folder, [test], title)
    writeFileSync(path, before)
    if (failed.length === 0) survived++
    else keepNoticed(rule, outcomeOf(failed, broken))
    console.log(`| ${requirement} | ${file} | ${test} | ${outcomeOf(failed, broken)} |`)
  }
} finally {
  rmSync(temporaryFolder, { recursive: true, force: true })
}
console.log(`${chosenRules.length - survived} of ${chosenRules.length} noticed`)
process.exit(survived === 0 ? 0 : 1)
