// A Vitest reporter that writes the result of each test at once, as one JSON document per line, so that a run that
// crashes is still counted; and a function that counts such a record.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes to the file whose path is in OUTPOST_TEST_RECORD. */
export default class TestRecord {
  #file = process.env.OUTPOST_TEST_RECORD
  #write(line) {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`)
  }

  onTestRunStart(specifications) {
    mkdirSync(dirname(this.#file), { recursive: true })
    writeFileSync(this.#file, '')
    this.#write({ listed: specifications.map(({ moduleId }) => moduleId) })
  }

  onTestModuleCollected(module) {
    const tests = [...module.children.allTests()].map(({ id, fullName, options }) => ({
      id,
      name: fullName,
      chosen: options.mode === 'run',
    }))
    this.#write({ loaded: module.moduleId, tests })
  }

  onTestCaseResult(test) {
    const { state, note } = test.result()
    this.#write({ id: test.id, state, note })
  }

  onTestModuleEnd(module) {
    const suites = [...module.children.allSuites()].flatMap((suite) => suite.errors())
    this.#write({ ended: module.moduleId, errors: module.errors().length + suites.length })
  }

  onTestRunEnd(_modules, unhandled) {
    this.#write({ complete: true, unhandled: unhandled.length })
  }
}

/**
 * Counts a record. A test that should have run and did not counts as failed: a test after one that ended its process, a
 * test whose preparation failed, a file that does not load, and the run itself when it did not complete.
 * @param {string} record lines of JSON
 * @returns how many passed, failed and were skipped, and a line for each that was skipped or did not run
 */
export function countTests(record) {
  const lines = record
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  const results = new Map(lines.filter(({ id }) => id).map((line) => [line.id, line]))
  const loaded = lines.filter((line) => line.loaded)
  const counts = { passed: 0, failed: 0, skipped: 0, remarks: /** @type {string[]} */ ([]) }
  const fail = (remark) => {
    counts.failed++
    counts.remarks.push(remark)
  }
  for (const { id, name, chosen } of loaded.flatMap(({ tests }) => tests)) {
    const { state, note } = results.get(id) ?? {}
    if (state === 'passed') counts.passed++
    else if (state === 'failed') counts.failed++
    // A test that skips itself must say why.
    else if (!chosen || (state === 'skipped' && note)) {
      counts.skipped++
      counts.remarks.push(`skipped: ${name}${note ? ` (${note})` : ''}`)
    } else fail(`no result: ${name}`)
  }
  const modules = new Set(loaded.map((line) => line.loaded))
  for (const file of lines.flatMap(({ listed }) => listed ?? [])) if (!modules.has(file)) fail(`not loaded: ${file}`)
  for (const { ended, errors } of lines)
    for (let error = 0; error < (errors ?? 0); error++) fail(`an error outside the tests of ${ended}`)
  const end = lines.find(({ complete }) => complete)
  for (let error = 0; error < (end?.unhandled ?? 0); error++) fail('an error that no test caught')
  if (!end) fail('the run did not come to its end')
  return counts
}
