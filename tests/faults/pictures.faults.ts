/**
 * npm run faults -- pictures [COUNT] [FROM]: pictures of every syntax at one relay and one workstation, 20,000 at each
 * from job 1 on unless told, so that the numbers 63/64 and 16,383/16,384 are passed. A run that was stopped goes on
 * FROM a number.
 */
import { pictureSources } from '../support/picture-sources.ts'
import { runPictures } from '../support/pictures.ts'

const [count = 20_000, from = 1] = process.argv.slice(2).map(Number)
const STEP = 2_500
const sources = await pictureSources()
let wrong = 0
for (let done = 0; done < count; done += STEP) {
  const report = await runPictures(sources, { firstJob: from + done, count: Math.min(STEP, count - done) })
  for (const line of report.wrong.slice(0, 20)) console.log(line)
  wrong += report.wrong.length
  console.log(`pictures: up to job ${from + Math.min(count, done + STEP) - 1}, ${wrong} wrong`)
}
process.exit(wrong === 0 ? 0 : 1)
