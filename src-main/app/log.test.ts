import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { correlated } from '../../src-engine/correlation.ts'
import { createLog, type LogFields, type LogWord } from './log.ts'

/** Values of invented patients, planted where a program meets such values: in messages, ids, codes, errors and keys. */
const PLANTED = ['PLANTED', 'Zyxwv', 'PID-99417', '19700101', '/home/planted/file.dcm']
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outpost-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const written = () =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('')

describe('W10: the log', () => {
  it('W10: says codes, ids and counts', () => {
    createLog(folder).write('warn', 'outbox', {
      code: 'offline',
      shareId: '7b0c0b4e-3f3d-4a57-9f0a-0c1d2e3f4a5b',
      state: 'waiting',
      numbers: { attempts: 3 },
    })
    expect(written()).toMatch(
      /^\S+Z? warn outbox code=offline shareId=7b0c0b4e-3f3d-4a57-9f0a-0c1d2e3f4a5b state=waiting attempts=3$/m,
    )
  })

  it('W10: holds no patient data, whatever is given to it', () => {
    const log = createLog(folder)
    const patient = `${PLANTED[0]}^${PLANTED[1]}`
    for (const value of [patient, ...PLANTED]) {
      log.write('error', value as LogWord, {
        code: value,
        shareId: value,
        packageId: value,
        folderId: value,
        where: value as LogWord,
        state: value,
        numbers: { [value]: 1 },
      })
      log.write('error', 'unexpected', { error: new Error(value), numbers: { a: value as unknown as number } })
      log.write('error', 'unexpected', { error: value })
      log.write('error', 'unexpected', { error: new TypeError(`line one ${value}\n    at ${value}.ts:1:1\nrest`) })
      log.write('error', 'unexpected', {
        error: new OutpostError('file-gone', { place: value }, { cause: new Error(value) }),
      })
      log.write('error', 'unexpected', value as unknown as LogFields)
      log.write('error', 'unexpected', { [value]: value } as unknown as LogFields)
    }
    const text = written()
    expect(text.split('\n').length).toBeGreaterThan(30)
    for (const value of PLANTED) expect(text).not.toContain(value)
  })

  it('W10: says where the page failed, and nothing else that the page says', () => {
    const log = createLog(folder)
    log.write('error', 'page-failed', { page: { kind: 'render', name: 'TypeError', place: 'index-Ab.js:1:23' } })
    for (const value of PLANTED)
      log.write('error', 'page-failed', { page: { kind: value, name: value, place: `${value}/index.js:1:2` } })
    const text = written()
    expect(text).toContain('page-failed kind=render name=TypeError place=index-Ab.js:1:23')
    for (const value of PLANTED) expect(text).not.toContain(value)
  })

  it('W10: lines of one request have its correlation id', () => {
    const id = correlated((made) => {
      createLog(folder).write('error', 'procedure-failed', { error: new RangeError('x') })
      return made
    })
    expect(written()).toMatch(new RegExp(`procedure-failed error=RangeError .* correlation=${id}$`, 'm'))
  })

  it('an error is found again by its place in the code', () => {
    createLog(folder).write('error', 'storage', { error: new RangeError('anything') })
    expect(written()).toMatch(/error=RangeError at log\.test\.ts:\d+/)
  })
})
