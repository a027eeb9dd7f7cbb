/**
 * npm run faults -- pictures [COUNT] [FROM] renders pictures of every syntax at one relay and one workstation, by
 * default 20,000 at each from job 1 on, so that the job numbers 63/64 and 16,383/16,384 occur. An interrupted run
 * continues where it stopped.
 */
import { pictureSources } from '../support/picture-sources.ts'
import { runPictures } from '../support/pictures.ts'
import { runParts } from '../support/resumable.ts'

const [count = 20_000, from = 1] = process.argv.slice(2).map(Number)
const STEP = 500
const sources = await pictureSources()
const firstJobs = Array.from({ length: Math.ceil(count / STEP) }, (_, step) => String(from + step * STEP))
process.exitCode = await runParts(`pictures-${count}-${from}`, firstJobs, async (firstJob) => {
  const remaining = from + count - Number(firstJob)
  const { wrong } = await runPictures(sources, { firstJob: Number(firstJob), count: Math.min(STEP, remaining) })
  for (const line of wrong.slice(0, 20)) console.log(line)
  console.log(`pictures from job ${firstJob} on: ${wrong.length} wrong`)
  return wrong.length
})
