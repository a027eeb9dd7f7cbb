/**
 * Measures what a user notices of a folder of 50,000 files, in the real workstation and Chromium: the time until the
 * first thumbnail, compared with a folder of 50 files; the additional memory of the main process; the additional delay
 * of a key press while the folder is read. Each round has a fresh data folder.
 * Usage: npm run bench -- large-folder [ROUNDS=3] [FOLDER, in which "few" and "many" are kept]
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { hasChromium, launchBrowser } from '../support/browser.ts'
import { startProgram, temporaryFolder } from '../support/programs.ts'
import { fileOf, syntheticStudies } from '../support/synthetic-studies.ts'
import { forgetPeak, memoryOf, MIB } from '../support/trial.ts'
import { median } from './contest.ts'

const generator = path.resolve(import.meta.dirname, '../../../shared/tools/make_studies.py')
const FILES = { few: 50, many: 50_000 }
type Folder = keyof typeof FILES
/** The minimum number of key presses, idle and while reading, over all rounds. */
const PRESSES = 200
const ENVIRONMENT = { OUTPOST_PASSPHRASE: 'correct horse battery' }

function makeFolder(folder: string, files: number): void {
  if (existsSync(folder)) return
  const generated =
    existsSync(generator) &&
    spawnSync('/usr/bin/python3', [
      generator,
      '--out',
      folder,
      '--files',
      String(files),
      '--pixels',
      'small',
      '--seed',
      '3',
      '--jobs',
      '1',
      '--truth',
      'no',
    ])
  if (generated && generated.status === 0) return
  rmSync(folder, { recursive: true, force: true })
  let written = 0
  for (const [study, instances] of [...syntheticStudies(Math.ceil(files / 10), 3)].entries()) {
    const inside = path.join(folder, String(study))
    mkdirSync(inside, { recursive: true })
    for (const [index, instance] of instances.entries())
      if (written++ < files) writeFileSync(path.join(inside, `${index}.dcm`), fileOf(instance))
  }
}

/** Runs in the page: records when a frame showed the effect of each key press. */
function watchKeys(): void {
  const answers: number[] = []
  Object.assign(window, { answers })
  addEventListener(
    'keydown',
    (event) => {
      const pressed = event.timeStamp
      // A message that is posted in a frame's callback arrives when the frame is done.
      requestAnimationFrame(() => {
        const painted = new MessageChannel()
        painted.port1.addEventListener('message', () => answers.push(performance.now() - pressed))
        painted.port1.start()
        painted.port2.postMessage(null)
      })
    },
    true,
  )
}

/**
 * Runs in the page: measures from the click on the button until the first study is listed and, if it is to be opened,
 * until its first thumbnail is on screen.
 */
function watchFirst(opened: boolean): void {
  Object.assign(window, {
    first: new Promise<First>((resolve) => {
      addEventListener(
        'click',
        (click) => {
          let listed = 0
          const check = (): void => {
            const study = document.querySelector<HTMLElement>('[role=row][data-index="0"] [data-column="PatientName"]')
            const image = document.querySelector<HTMLImageElement>('nav[aria-label="Series"] img')
            if (study && listed === 0) {
              listed = performance.now() - click.timeStamp
              if (!opened) return resolve({ listed, shown: NaN })
              study.click()
            }
            if (image?.complete && image.naturalWidth > 0)
              resolve({ listed, shown: performance.now() - click.timeStamp })
            else requestAnimationFrame(check)
          }
          requestAnimationFrame(check)
        },
        { capture: true, once: true },
      )
    }),
  })
}

/** Presses letters in the search field and arrows in the list. @returns milliseconds from each press to its frame */
async function pressKeys(page: Page, count: number, goOn: () => Promise<boolean>): Promise<number[]> {
  await page.evaluate(() => (window as unknown as { answers: number[] }).answers.splice(0))
  const search = page.getByRole('searchbox')
  let pressed = 0
  while (pressed < count && (await goOn())) {
    await search.focus()
    for (const key of ['a', 'n', 'Backspace', 'Backspace', ...Array.from({ length: 12 }, () => 'ArrowDown')]) {
      await page.keyboard.press(key)
      pressed++
      // A random pause keeps the presses out of step with the frames.
      await new Promise((done) => setTimeout(done, 20 + Math.random() * 20))
    }
  }
  return page.evaluate(() => (window as unknown as { answers: number[] }).answers)
}

const reading = (page: Page): Promise<boolean> => page.getByRole('progressbar', { name: 'Reading folders' }).isVisible()

/**
 * Returns a function that is true until the folder has been read; the page shows only after a moment that it is
 * reading.
 */
function whileReading(page: Page): () => Promise<boolean> {
  const from = Date.now()
  let wasReading = false
  return async () => {
    const now = await reading(page)
    wasReading ||= now
    return now || (!wasReading && Date.now() - from < 2000)
  }
}

/** Milliseconds after the click. */
interface First {
  readonly listed: number
  readonly shown: number
}
interface Round extends First {
  readonly grown: number
  readonly busy: readonly number[]
  readonly idle: readonly number[]
}

/**
 * @param enrolled a data folder without a library
 * @param keys whether keys are pressed while the folder is read and afterwards; otherwise the first study is opened
 */
async function round(browser: Browser, enrolled: string, home: string, folder: Folder, keys: boolean): Promise<Round> {
  const data = temporaryFolder('large-folder')
  cpSync(enrolled, data, { recursive: true })
  const workstation = await startProgram(['serve', '--no-open', '--data', data], { ...ENVIRONMENT, HOME: home })
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  try {
    const page = await context.newPage()
    await page.goto(workstation.ready['url']!)
    await page.getByRole('button', { name: /demonstration/ }).click()
    await page.getByRole('button', { name: 'Add a folder' }).click()
    await page.getByRole('button', { name: `Open ${folder}` }).click()
    await page.getByText(`Folder: ${folder}`).waitFor()
    await page.evaluate(watchKeys)
    const pid = workstation.process.pid!
    forgetPeak(pid)
    const before = memoryOf(pid).now
    await page.evaluate(watchFirst, !keys)
    await page.getByRole('button', { name: 'Choose this folder' }).click()
    const first = await page.evaluate(() => (window as unknown as { first: Promise<First> }).first)
    const busy = keys ? await pressKeys(page, Infinity, whileReading(page)) : []
    if (!keys) await page.getByRole('button', { name: 'Back to Studies' }).click()
    while (await reading(page)) await new Promise((done) => setTimeout(done, 100))
    const grown = memoryOf(pid).peak - before
    await new Promise((done) => setTimeout(done, keys ? 3000 : 0))
    const idle = keys ? await pressKeys(page, Math.max(PRESSES / 2, busy.length), () => Promise.resolve(true)) : []
    return { ...first, grown, busy, idle }
  } finally {
    await context.close()
    await workstation.end()
    rmSync(data, { recursive: true, force: true })
  }
}

const p99 = (values: readonly number[]): number =>
  values.toSorted((first, second) => first - second)[Math.ceil(values.length * 0.99) - 1] ?? NaN
const limit = (what: string, value: number, most: number, unit: string): boolean => {
  const ok = value <= most
  console.log(
    `  ${ok ? 'ok  ' : 'over'} ${what}: ${value.toFixed(unit === 'MiB' ? 0 : 2)} ${unit}, at most ${most} ${unit}`,
  )
  return ok
}

if (!hasChromium) {
  console.log('not measured: Chromium is not here')
  process.exit(0)
}
const [rounds = '3', given] = process.argv.slice(2)
const home = given ?? mkdtempSync(path.join(tmpdir(), 'bench-large-folder-'))
for (const [name, files] of Object.entries(FILES)) makeFolder(path.join(home, name), files)
const relayData = temporaryFolder('large-folder-relay')
const relay = await startProgram(['relay', '--demonstration', '--port', '0', '--data', relayData], ENVIRONMENT)
const enrolled = temporaryFolder('large-folder-enrolled')
// The enrolment code works once, so every round begins with a copy of the enrolled folder.
await startProgram(
  ['serve', '--no-open', '--data', enrolled, '--relay', relay.ready['url']!, '--code-file', relay.ready['codeFile']!],
  ENVIRONMENT,
).then((workstation) => workstation.end())
const browser = await launchBrowser()
const results: Record<Folder | 'keys', Round[]> = { few: [], many: [], keys: [] }
const keysOf = (which: 'busy' | 'idle'): readonly number[] => results.keys.flatMap((one) => one[which])
try {
  // One round runs before, so that neither folder is measured first.
  await round(browser, enrolled, home, 'few', false)
  for (let turn = 0; turn < Number(rounds) || (keysOf('busy').length < PRESSES && turn < 20); turn++) {
    for (const folder of ['few', 'many'] as const) {
      const result = await round(browser, enrolled, home, folder, false)
      results[folder].push(result)
      console.log(
        `${folder}: listed after ${result.listed.toFixed(0)} ms, ` +
          `first thumbnail after ${result.shown.toFixed(0)} ms, ${(result.grown / MIB).toFixed(0)} MiB more`,
      )
    }
    const { busy, idle, ...pressed } = await round(browser, enrolled, home, 'many', true)
    results.keys.push({ busy, idle, ...pressed })
    const summary = (values: readonly number[]): string =>
      `${values.length} keys, median ${median(values).toFixed(1)} ms, p99 ${p99(values).toFixed(1)} ms`
    console.log(
      `many: while reading ${summary(busy)}; idle ${summary(idle)}; ${(pressed.grown / MIB).toFixed(0)} MiB more`,
    )
  }
} finally {
  await browser.close()
  await relay.end()
  for (const generated of [relayData, enrolled]) rmSync(generated, { recursive: true, force: true })
  if (!given) rmSync(home, { recursive: true, force: true })
}
const medianOf = (folder: Folder, what: (one: Round) => number): number => median(results[folder].map(what))
const [busy, idle] = [keysOf('busy'), keysOf('idle')]
console.log(
  `${FILES.many} files beside ${FILES.few}, ${results.many.length} rounds; ` +
    `${busy.length} keys while reading, median ${median(busy).toFixed(1)} ms; ` +
    `${idle.length} idle, median ${median(idle).toFixed(1)} ms`,
)
const within = [
  limit('first thumbnail', medianOf('many', ({ shown }) => shown) / medianOf('few', ({ shown }) => shown), 3, 'times'),
  limit(
    'memory of the main process',
    Math.max(...[...results.many, ...results.keys].map(({ grown }) => grown)) / MIB,
    300,
    'MiB',
  ),
  limit('answer to a key at p99', p99(busy) / p99(idle), 2, 'times'),
]
process.exit(within.every(Boolean) ? 0 : 1)
