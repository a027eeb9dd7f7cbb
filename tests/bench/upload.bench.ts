/**
 * Uploads a sealed part to a relay in its own process, as sync does, and compares that with `curl -T` to a server that
 * writes the body and calls fdatasync once, in turns within one run.
 * Usage: npm run bench -- upload [MIB=512] [ROUNDS=5]
 */
import { fork } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PROTOCOL_1 } from '../../src-core/contract/protocol.ts'
import { waitingWith } from '../../src-main/sync/backoff.ts'
import { uploadFile } from '../../src-main/sync/upload-file.ts'
import { enrolWorkstation, PUBLIC_URL } from '../integration/relay-support.ts'
import { startProgram, temporaryFolder } from '../support/programs.ts'
import { MIB } from '../support/trial.ts'
import { contest, holds, print, program, within } from './contest.ts'

/** At least half the speed of curl. */
const MOST = 2

function writeFileOf(file: string, mib: number): { size: number; sha256: string } {
  const hash = createHash('sha256')
  const descriptor = openSync(file, 'w')
  for (let number = 0; number < mib; number++) {
    const piece = randomBytes(MIB)
    hash.update(piece)
    writeSync(descriptor, piece)
  }
  closeSync(descriptor)
  return { size: mib * MIB, sha256: hash.digest('hex') }
}

const [mib = 512, rounds = 5] = process.argv.slice(2).map(Number)
const workFolder = mkdtempSync(path.join(tmpdir(), 'bench-upload-'))
const relayData = temporaryFolder('bench-upload-relay')
const relay = await startProgram(['relay', '--demonstration', '--port', '0', '--data', relayData], {
  OUTPOST_PASSPHRASE: 'correct horse battery',
})
const sink = fork(path.join(import.meta.dirname, 'upload-sink.ts'), [path.join(workFolder, 'kept')], {
  execArgv: ['--disable-warning=ExperimentalWarning'],
})
try {
  const port = await new Promise<number>((resolve) => sink.once('message', (told) => resolve(Number(told))))
  const relayUrl = relay.ready['url']!
  const toRelay = ((input: string | Request, init?: RequestInit) =>
    typeof input === 'string'
      ? fetch(input.replace(PUBLIC_URL, relayUrl), init)
      : fetch(new Request(input.url.replace(PUBLIC_URL, relayUrl), input))) as typeof fetch
  const { enrolment } = await enrolWorkstation(toRelay, readFileSync(relay.ready['codeFile']!, 'utf8').trim())
  const file = path.join(workFolder, 'part')
  const part = { name: 'images', ...writeFileOf(file, mib) }
  const results = await contest(
    {
      'curl -T': () => program('curl', ['-sfT', file, `http://127.0.0.1:${port}/`]),
      outpost: () =>
        within(() =>
          uploadFile(
            file,
            { packageId: randomUUID(), part },
            {
              connection: { relayUrl, token: enrolment.token, protocol: PROTOCOL_1, fetch },
              signal: new AbortController().signal,
              waiting: waitingWith(Math.random),
              clock: () => performance.now(),
              onOffset: () => {},
            },
          ),
        ),
    },
    rounds,
  )
  print(`${mib} MiB, medians of ${rounds} turns`, results)
  holds(results, { of: 'outpost', by: 'wall', peer: 'curl -T', most: MOST })
} finally {
  sink.disconnect()
  await relay.end()
  // Once its process has exited, the database no longer uses its folder.
  await delay(0)
  for (const made of [workFolder, relayData]) rmSync(made, { recursive: true, force: true })
}
