// npm run check [-- WORD] checks types, format, lint, layers, sizes and dead code, or only the steps whose name
// contains the word. Steps run in parallel; each prints its output when it ends.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { environment, installPackages, node24, root } from './set-up.mjs'

await installPackages()
const [wanted = ''] = process.argv.slice(2)
const steps = JSON.parse(readFileSync(join(root, 'scripts', 'checks.json'), 'utf8')).filter(({ name }) =>
  name.includes(wanted),
)

function runStep({ name, args }) {
  const child = spawn(node24(), args, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  return new Promise((resolve) =>
    child.once('close', (code) => {
      process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}\n${output.replace(/^(?=.)/gm, '       ')}`)
      resolve(code === 0)
    }),
  )
}

async function runInTurn() {
  let ok = true
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) ok = (await runStep(step)) && ok
  return ok
}

const results = await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, runInTurn))
process.exitCode = results.every(Boolean) ? 0 : 1
