import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { codeOf, ERROR_CODES, OutpostError } from '../../src-core/contract/errors.ts'
import { inspectFiles, parseWindow, renderFile } from '../../src-engine/decode/inspect-command.ts'
import { imageAttributes, part10, words } from '../../src-engine/decode/part10.fixture.ts'
import { createImaging, forkProcess, type DecodeProcess } from '../../src-engine/decode-process/pool.ts'
import type { Imaging } from '../../src-engine/imaging.ts'

const EVLE = '1.2.840.10008.1.2.1'
const RLE = '1.2.840.10008.1.2.5'

/** Returns Rows of the answer, in which the misbehaving process writes its process id. */
const ask = async (imaging: Imaging, word: string, signal?: AbortSignal): Promise<number> =>
  (await imaging.decodeFrame({ path: word }, 1, signal && { signal })).Rows

describe('a decode process that hostile bytes have taken over', () => {
  const entry = new URL('./curious-decoder.ts', import.meta.url)
  const imagings: Imaging[] = []
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'outpost-rights-'))
    await writeFile(path.join(folder, 'secret'), 'secret')
    process.env['OUTPOST_PASSPHRASE'] = 'not for a decoder'
  })
  afterAll(async () => {
    delete process.env['OUTPOST_PASSPHRASE']
    for (const imaging of imagings) await imaging.close()
    await rm(folder, { recursive: true })
  })
  const could = async (files: 'any' | 'none'): Promise<string[]> => {
    const imaging = createImaging({ entry, concurrency: 1, files })
    imagings.push(imaging)
    const done: string[] = []
    for (const what of ['environment', 'read', 'write', 'start'])
      if ((await ask(imaging, `${what}|${path.join(folder, what === 'write' ? 'written' : 'secret')}`)) === 1)
        done.push(what)
    return done
  }

  it('W10: at a relay it finds no secret in its environment, uses no file, and starts no program', async () => {
    expect(await could('none')).toEqual([])
  })
  it('W10: at a workstation it reads files, which is its work, and nothing else', async () => {
    expect(await could('any')).toEqual(['read'])
  })
})

describe('a pool whose processes misbehave', () => {
  let imaging: Imaging
  beforeAll(() => {
    imaging = createImaging({
      entry: new URL('./misbehaving-decoder.ts', import.meta.url),
      concurrency: 1,
      timeLimit: { base: 400, perMiB: 1_000 },
      timeLimitFactor: 1,
    })
  })
  afterAll(() => imaging.close())

  it('W3: a decoder that hangs is ended in time and takes one request with it', async () => {
    const before = await ask(imaging, 'soon')
    const [hung, after] = await Promise.allSettled([ask(imaging, 'hang'), ask(imaging, 'soon')])
    expect(hung.status === 'rejected' && codeOf(hung.reason)).toBe('decode-timeout')
    expect(after.status === 'fulfilled' && after.value !== before).toBe(true)
  })
  it('W3: a decoder that dies takes one request with it', async () => {
    for (const word of ['die', 'abort']) {
      const [died, after] = await Promise.allSettled([ask(imaging, word), ask(imaging, 'soon')])
      expect(died.status === 'rejected' && codeOf(died.reason), word).toBe('decode-failed')
      expect(after.status, word).toBe('fulfilled')
    }
  })
  it('W3: a file whose reading ends the process is unreadable, with the reason', async () => {
    expect(await imaging.inspect({ path: 'die' }, { pixels: true })).toMatchObject({
      readable: false,
      code: 'decode-failed',
      sha256: null,
    })
  })
  it('requests are cancelled, waiting or not, and the process goes on', async () => {
    const before = await ask(imaging, 'soon')
    const [running, waiting] = [new AbortController(), new AbortController()]
    const answers = Promise.allSettled([ask(imaging, 'later', running.signal), ask(imaging, 'later', waiting.signal)])
    running.abort()
    waiting.abort()
    for (const answer of await answers) expect(answer.status === 'rejected' && codeOf(answer.reason)).toBe('cancelled')
    expect(await ask(imaging, 'soon')).toBe(before)
    await expect(ask(imaging, 'soon', AbortSignal.abort())).rejects.toThrow('cancelled')
  })
  it('W4: a frame that the viewer waits for goes before pictures that were asked for earlier', async () => {
    const order: string[] = []
    const picture = (): Promise<unknown> =>
      imaging.render({ path: 'later' }, { frame: 1, format: 'png' }).then(() => order.push('picture'))
    await Promise.all([picture(), picture(), picture(), ask(imaging, 'later').then(() => order.push('frame'))])
    // The first picture had already started.
    expect(order).toEqual(['picture', 'frame', 'picture', 'picture'])
  })
  it('after close nothing is taken any more', async () => {
    const closing = createImaging({ entry: new URL('./misbehaving-decoder.ts', import.meta.url), concurrency: 1 })
    const pending = Promise.allSettled([ask(closing, 'later'), ask(closing, 'later')])
    await closing.close()
    for (const answer of await pending) expect(answer.status === 'rejected' && codeOf(answer.reason)).toBe('cancelled')
    await expect(ask(closing, 'soon')).rejects.toThrow('cancelled')
  })
})

describe('a process that is given up by the clock', () => {
  /** Returns a process that answers as the test says, when the test says so. */
  function processByHand() {
    const listeners = new Map<string, (message: unknown) => void>()
    const child: DecodeProcess = {
      postMessage: () => {},
      on: (event: 'message' | 'exit', listener: (...values: never[]) => void) =>
        listeners.set(event, listener as (message: unknown) => void),
      kill: () => true,
    }
    const imaging = createImaging({
      startProcess: () => child,
      concurrency: 1,
      timeLimit: { base: 400, perMiB: 1_000 },
      timeLimitFactor: 1,
    })
    return { imaging, says: (message: object) => listeners.get('message')!(message) }
  }
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('W3: a small frame has the time of any request, and no more', async () => {
    const { imaging, says } = processByHand()
    const [answer] = [Promise.allSettled([ask(imaging, 'small')]), says({ type: 'ready' })]
    await vi.advanceTimersByTimeAsync(401)
    expect((await answer)[0]).toMatchObject({ status: 'rejected', reason: { code: 'decode-timeout' } })
  })
  it('W3: a large frame has a second more for each MiB', async () => {
    const { imaging, says } = processByHand()
    const [answer] = [ask(imaging, 'large'), says({ type: 'ready' })]
    says({ type: 'expect', id: 1, bytes: 2 * 1024 * 1024 })
    await vi.advanceTimersByTimeAsync(2_399)
    says({ type: 'done', id: 1, result: { Rows: 7 } })
    expect(await answer).toBe(7)
  })
})

describe('the decode processes', () => {
  let imaging: Imaging
  let folder: string
  const file = async (name: string, bytes: Uint8Array): Promise<string> => {
    const whole = path.join(folder, name)
    await writeFile(whole, bytes)
    return whole
  }
  beforeAll(async () => {
    imaging = createImaging({ concurrency: 2, timeLimit: { base: 20_000, perMiB: 5_000 } })
    folder = await mkdtemp(path.join(tmpdir(), 'decode-'))
  })
  afterAll(async () => {
    await imaging.close()
    await rm(folder, { recursive: true })
  })

  it('W3: a process that grows beyond its memory ends, and says so', async () => {
    const small = createImaging({
      concurrency: 1,
      memoryLimit: 200 * 1024 * 1024,
      timeLimit: { base: 20_000, perMiB: 1_000 },
    })
    // 288 MB of zeros in a few hundred KB.
    const bomb = part10(
      '1.2.840.10008.1.2.8.1',
      imageAttributes(12_000, 12_000, [deflateRawSync(new Uint8Array(288_000_000), { level: 1 })]),
    )
    await expect(small.render({ bytes: bomb }, { frame: 1, format: 'png' })).rejects.toThrow('decode-out-of-memory')
    expect((await small.decodeFrame({ bytes: part10(EVLE, imageAttributes(1, 1, words(1))) }, 1)).Rows).toBe(1)
    await small.close()
  })
  it('W4: a prepared task starts before it is requested, in one process; an ended process is replaced', async () => {
    const started: (DecodeProcess & { readonly pid: number })[] = []
    const prepared = createImaging({
      concurrency: 2,
      startProcess: (argv) => {
        started.push(forkProcess(new URL('../../src-engine/decode-process/process.ts', import.meta.url), argv))
        return started.at(-1)!
      },
    })
    prepared.prepare()
    prepared.prepare()
    expect(started).toHaveLength(1)
    const small = { bytes: part10(EVLE, imageAttributes(1, 1, words(1))) }
    expect((await prepared.decodeFrame(small, 1)).Rows).toBe(1)
    expect(started).toHaveLength(1)
    const ended = new Promise<void>((resolve) => started[0]!.on('exit', () => resolve()))
    started[0]!.kill()
    await ended
    prepared.prepare()
    expect((await prepared.decodeFrame(small, 1)).Rows).toBe(1)
    expect(started).toHaveLength(2)
    await prepared.close()
    prepared.prepare()
    expect(started).toHaveLength(2)
  })
  it('W3: twenty thousand short tasks end no process, though one or other ends while it is looked at', async () => {
    const alone = createImaging({ concurrency: 1 })
    const bytes = part10(EVLE, imageAttributes(2, 2, words(1, 2, 3, 4)))
    for (let round = 0; round < 100; round++)
      await Promise.all(Array.from({ length: 200 }, () => alone.decodeFrame({ bytes }, 1)))
    await alone.close()
  })
  it('W3: a decoder that computes for too long ends, and says so', async () => {
    // Inflating 288 MB takes far more than 20 ms of CPU time, even on an idle machine.
    const hurried = createImaging({ concurrency: 1, timeLimit: { base: 20, perMiB: 0 }, timeLimitFactor: 1_000 })
    const large = part10(
      '1.2.840.10008.1.2.8.1',
      imageAttributes(12_000, 12_000, [deflateRawSync(new Uint8Array(288_000_000), { level: 1 })]),
    )
    await expect(hurried.decodeFrame({ bytes: large }, 1)).rejects.toThrow('decode-timeout')
    await hurried.close()
  })
  it.skipIf(process.platform === 'win32')(
    'W3: a file that never answers is given up, though nothing is computed',
    async () => {
      const pipe = path.join(folder, 'never.dcm')
      execFileSync('mkfifo', [pipe])
      const waiting = createImaging({ concurrency: 1, timeLimit: { base: 100, perMiB: 0 }, timeLimitFactor: 1_000 })
      await expect(waiting.decodeFrame({ path: pipe }, 1)).rejects.toThrow('decode-timeout')
      await waiting.close()
    },
  )
  it('W3: a machine that is too busy to run the decoder makes no frame late', async () => {
    const LIMIT_MS = 300
    let child: (DecodeProcess & { readonly pid: number }) | undefined
    const starved = createImaging({
      concurrency: 1,
      timeLimit: { base: LIMIT_MS, perMiB: 0 },
      startProcess: (argv) =>
        (child = forkProcess(new URL('../../src-engine/decode-process/process.ts', import.meta.url), argv)),
    })
    const small = { bytes: part10(EVLE, imageAttributes(1, 1, words(1))) }
    await starved.decodeFrame(small, 1)
    process.kill(child!.pid, 'SIGSTOP')
    // When another pool has given up a process that hangs, three times the limit has passed on the clock.
    const clock = createImaging({
      entry: new URL('./misbehaving-decoder.ts', import.meta.url),
      concurrency: 1,
      timeLimit: { base: 3 * LIMIT_MS, perMiB: 0 },
      timeLimitFactor: 1,
    })
    const answer = starved.decodeFrame(small, 1)
    await expect(ask(clock, 'hang')).rejects.toThrow('decode-timeout')
    process.kill(child!.pid, 'SIGCONT')
    expect((await answer).Rows).toBe(1)
    await clock.close()
    await starved.close()
  })
  it('W3: frames of a file larger than what is read whole come from their place in it', async () => {
    // 40 frames of 256 × 256 words are 5 MiB; every sample of a frame is the frame's number.
    const frames = new Uint16Array(40 * 65_536)
    for (let i = 0; i < frames.length; i++) frames[i] = 1 + Math.floor(i / 65_536)
    const name = await file(
      'large.dcm',
      part10(EVLE, imageAttributes(256, 256, new Uint8Array(frames.buffer), [[0x00280008, 'IS', '40']])),
    )
    for (const frame of [1, 17, 40]) {
      const { pixels } = await imaging.decodeFrame({ path: name }, frame)
      expect([pixels.length, pixels[0], pixels.at(-2)]).toEqual([131_072, frame, frame])
    }
    await expect(imaging.decodeFrame({ path: name }, 41)).rejects.toThrow('frame-out-of-range')
  })
  it('W3: a file that is replaced is read anew', async () => {
    const name = await file('replaced.dcm', part10(EVLE, imageAttributes(1, 2, words(1, 2))))
    expect([...(await imaging.decodeFrame({ path: name }, 1)).pixels]).toEqual([1, 0, 2, 0])
    await file('replaced.dcm', part10(EVLE, imageAttributes(1, 3, words(7, 8, 9))))
    expect([...(await imaging.decodeFrame({ path: name }, 1)).pixels]).toEqual([7, 0, 8, 0, 9, 0])
  })
  it('W13: inspect answers every file, the unreadable ones with their reason', async () => {
    const good = await file('good.dcm', part10(EVLE, imageAttributes(1, 2, words(258, 772))))
    const headless = await file('short.dcm', part10(EVLE, imageAttributes(4, 4, words(1))))
    const text = await file('notes.txt', new TextEncoder().encode('Not an image at all, but long enough to look at.'))
    const answers = await inspectFiles(imaging, [good, headless, text, path.join(folder, 'none.dcm')], { pixels: true })
    // SHA-256 of the bytes 02 01 04 03.
    expect(answers[0]).toEqual({
      path: good,
      readable: true,
      code: null,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
      TransferSyntaxUID: EVLE,
      Rows: 1,
      Columns: 2,
      NumberOfFrames: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      sha256: 'd46e520a777bdd374ce8f8e6d650f1270169dd7eb97361846aac9e20c850d724',
    })
    expect(answers.slice(1).map(({ readable, code, sha256 }) => [readable, code, sha256])).toEqual([
      [true, 'pixel-data-too-short', null],
      [false, 'not-dicom', null],
      [false, 'file-gone', null],
    ])
  })
  it('W13: render writes the picture, or says why not', async () => {
    const name = await file('picture.dcm', part10(EVLE, imageAttributes(2, 4, words(0, 1, 2, 3, 4, 5, 6, 7))))
    const out = path.join(folder, 'picture.png')
    expect(await renderFile(imaging, { path: name, out, size: 8 })).toEqual({ width: 8, height: 4, code: null })
    expect(await renderFile(imaging, { path: name, out, frame: 2 })).toEqual({
      width: 0,
      height: 0,
      code: 'frame-out-of-range',
    })
    expect(await renderFile(imaging, { path: name, out, voi: { center: 1, width: 0 } })).toMatchObject({
      code: 'window-width-too-small',
    })
    expect(parseWindow('-40.5, 400')).toEqual({ center: -40.5, width: 400 })
    expect(() => parseWindow('40')).toThrow('bad-request')
  })
  it('W3: hundreds of damaged files end in a picture or a known error, and none waits for ever', async () => {
    const rle = Uint8Array.of(
      ...new Uint8Array(Uint32Array.of(2, 64, 66, ...Array.from({ length: 13 }, () => 0)).buffer),
      253,
      0,
      3,
      1,
      2,
      3,
      4,
      0,
    )
    const originals = [
      part10(EVLE, imageAttributes(2, 2, words(1, 2, 3, 4))),
      part10(RLE, imageAttributes(2, 2, [rle])),
      part10(
        '1.2.840.10008.1.2.4.80',
        imageAttributes(2, 2, [
          Uint8Array.of(
            0xff,
            0xd8,
            0xff,
            0xf7,
            0,
            11,
            16,
            0,
            2,
            0,
            2,
            1,
            1,
            0x11,
            0,
            0xff,
            0xda,
            0,
            8,
            1,
            1,
            0,
            0,
            0,
            0,
            1,
            2,
            3,
            4,
            5,
            0xff,
            0xd9,
          ),
        ]),
      ),
      part10(
        '1.2.840.10008.1.2.4.90',
        imageAttributes(2, 2, [
          Uint8Array.of(
            0xff,
            0x4f,
            0xff,
            0x51,
            0,
            41,
            0,
            0,
            0,
            0,
            0,
            2,
            0,
            0,
            0,
            2,
            ...Array.from({ length: 8 }, () => 0),
            0,
            0,
            0,
            2,
            0,
            0,
            0,
            2,
            ...Array.from({ length: 8 }, () => 0),
            0,
            1,
            15,
            1,
            1,
            0xff,
            0x90,
            0,
            10,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            0xff,
            0x93,
            0xff,
            0xd9,
          ),
        ]),
      ),
    ]
    const change = fc.record({ at: fc.nat(1_000_000), value: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(400),
        async (original, changes, cut) => {
          const bytes = original.slice(0, original.length - (cut < 40 ? cut : 0))
          // The changes are after the preamble, where every byte has a meaning.
          for (const { at, value } of changes) bytes[132 + (at % Math.max(1, bytes.length - 132))] = value
          const outcome = await imaging.render({ bytes }, { frame: 1, format: 'png' }).then(
            ({ bytes: picture }) => picture.length > 0,
            (error: unknown) => error,
          )
          expect(
            outcome === true ||
              (outcome instanceof OutpostError && ERROR_CODES.includes(outcome.code) && outcome.code !== 'internal'),
          ).toBe(true)
        },
      ),
      { numRuns: 400 },
    )
  }, 120_000)
})
