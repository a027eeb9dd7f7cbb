import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OpeningFile, tellAddress } from './tell-address.ts'

const MINUTE_MS = 60_000
let asked: number[]
const host = {
  origin: 'http://127.0.0.1:4321',
  address: (livesMs: number) => `http://127.0.0.1:4321/#token=${asked.push(livesMs)}`,
}
let written: string
let enter: (() => void) | undefined
const terminal = (isTerminal: boolean) => ({
  write: (text: string) => void (written += text),
  isTerminal,
  ...(isTerminal ? { onLine: (listener: () => void) => void (enter = listener) } : {}),
})
const options = { json: false, demonstration: false, openingFile: '/data/open-outpost.html' }
beforeEach(() => {
  asked = []
  written = ''
  enter = undefined
})

describe('W8: what a program that serves the page prints', () => {
  it('W8: on a terminal an address for one use, and a new one on Enter', () => {
    tellAddress(host, terminal(true), options)
    expect(written.match(/http:\S+/g)).toEqual(['http://127.0.0.1:4321/#token=1'])
    enter!()
    expect(written.match(/http:\S+/g)!.at(-1)).toBe('http://127.0.0.1:4321/#token=2')
    expect(asked).toEqual([10 * MINUTE_MS, 10 * MINUTE_MS])
  })

  it('W8: in the demonstration the address waits until it is used', () => {
    tellAddress(host, terminal(true), { ...options, demonstration: true })
    expect(asked).toEqual([Infinity])
  })

  it('W8: where the output is no terminal, an address without a token and where the file is', () => {
    tellAddress(host, terminal(false), options)
    expect(written).toContain('http://127.0.0.1:4321/\n')
    expect(written).toContain('/data/open-outpost.html')
    expect([written.includes('token'), asked, enter]).toEqual([false, [], undefined])
  })

  it.each([true, false])(
    'W8, W13: --json is one document with an address of two minutes (terminal: %s)',
    (isTerminal) => {
      tellAddress(host, terminal(isTerminal), { ...options, json: true })
      expect(JSON.parse(written)).toEqual({ url: 'http://127.0.0.1:4321/#token=1' })
      expect(asked).toEqual([2 * MINUTE_MS])
    },
  )
})

describe('W8: the file that opens the browser', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'outpost-opening-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('W8: is its owner’s alone, holds the newest address, and goes with the program', () => {
    const file = new OpeningFile(folder)
    file.write(host)
    file.write(host)
    expect(readFileSync(file.path, 'utf8').match(/token=\d/g)).toEqual(['token=2', 'token=2'])
    if (process.platform !== 'win32') expect(statSync(file.path).mode & 0o777).toBe(0o600)
    file.remove()
    expect(existsSync(file.path)).toBe(false)
  })

  it.skipIf(process.platform === 'win32')('W8: does not write through a link that somebody put in its place', () => {
    const target = join(folder, 'target')
    writeFileSync(target, 'kept')
    for (const name of ['open-outpost.html', 'open-outpost.html.new']) symlinkSync(target, join(folder, name))
    new OpeningFile(folder).write(host)
    expect(readFileSync(target, 'utf8')).toBe('kept')
  })
})
