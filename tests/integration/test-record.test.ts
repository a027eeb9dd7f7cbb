/** Tests what `npm test` counts as failed, with runs of Vitest in which something goes wrong. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { countTests } from '../../scripts/test-record.mjs'
import { root } from '../support/programs.ts'

/** Runs sources, each a file of tests, with the reporter that `npm test` uses. */
function counted(sources: Record<string, string>) {
  // The files must be below the project to find Vitest.
  mkdirSync(join(root, 'out'), { recursive: true })
  const folder = mkdtempSync(join(root, 'out', 'test-record-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const record = join(folder, 'record.jsonl')
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    'export default { test: { include: ["*.case.mjs"], pool: "forks" } }',
  )
  for (const [name, source] of Object.entries(sources))
    writeFileSync(
      join(folder, `${name}.case.mjs`),
      `import { afterAll, beforeAll, describe, it } from 'vitest'\n${source}`,
    )
  const reporter = join(root, 'scripts', 'test-record.mjs')
  spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', `--reporter=${reporter}`], {
    cwd: folder,
    env: { ...process.env, OUTPOST_TEST_RECORD: record },
    stdio: 'ignore',
  })
  const { remarks, ...counts } = countTests(readFileSync(record, 'utf8'))
  return { ...counts, remarks: remarks.map((remark) => remark.replace(`${folder}/`, '')).sort() }
}

it('a run counts as failed what did not run: unprepared, aborted, not loaded, skipped without a word', () => {
  const result = counted({
    passes:
      'it("passes", () => {}); it.runIf(false)("chosen", () => {}); it("says why", ({ skip }) => skip("no browser"))',
    wordless: 'it("says nothing", ({ skip }) => skip())',
    fails: 'it("fails", () => { throw new Error() })',
    unprepared: 'describe("d", () => { beforeAll(() => { throw new Error() }); it("never runs", () => {}) })',
    untidy: 'afterAll(() => { throw new Error() }); it("before", () => {})',
    aborts: 'it("aborts", () => process.abort()); it("comes after", () => {})',
    uncaught: 'it("leaves an error", () => void Promise.reject(new Error()))',
    broken: 'throw new Error()',
  })
  expect(result).toEqual({
    passed: 3,
    // All tests below except the two that were skipped, plus the one that failed.
    failed: 11 - 2 + 1,
    skipped: 2,
    remarks: [
      'an error outside the tests of broken.case.mjs',
      'an error outside the tests of unprepared.case.mjs',
      'an error outside the tests of untidy.case.mjs',
      'an error that no test caught',
      'an error that no test caught',
      'no result: aborts',
      'no result: comes after',
      'no result: d > never runs',
      'no result: says nothing',
      'skipped: chosen',
      'skipped: says why (no browser)',
    ],
  })
})

it('a run whose vitest is killed is counted, and red', () => {
  const { failed, remarks } = counted({ kills: 'it("kills it", () => process.kill(process.ppid, "SIGKILL"))' })
  expect(failed).toBe(2)
  expect(remarks).toEqual(['no result: kills it', 'the run did not come to its end'])
})
