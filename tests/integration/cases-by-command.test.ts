/**
 * Runs small files that once caused faults through every command of the command line: index, studies, inspect, render,
 * deidentify, share and sync, with a relay that delivers and a recipient who opens.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import sharp from 'sharp'
import { Uid } from '../../src-core/contract/identifiers.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { shareCommand, type SeveralPatients } from '../../src-main/cli/share-commands.ts'
import { createWorkstation, type Workstation } from '../../src-main/app/workstation.ts'
import { readWords } from '../../src-main/cli/command.ts'
import { findCommand, workstationCommands } from '../../src-main/cli/commands.ts'
import { nodeHost } from '../../src-main/hosts/node-host.ts'
import { programAt, type Program } from '../../src-main/hosts/program.ts'
import { root, sealedDataFolder } from '../support/programs.ts'
import { storedFiles } from '../support/stored-files.ts'
import { RELAY_URL } from '../support/sync-station.ts'
import {
  browser,
  shownMessages,
  startRelay,
  temporaryFolder,
  tokenIn,
  writeSeed,
  type TestRelay,
} from './relay-support.ts'

const shared = path.resolve(root, '../shared/cases')
const filesOf = (name: string): string[] => {
  const folder = path.join(shared, name, 'files')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted()
}
const fileOf = (name: string, file: string): string => path.join(shared, name, 'files', file)

/** Kinds whose inputs are also generated, by test files that run where the collection is absent. */
const GENERATED = ['odd-files', 'hidden-pixels', 'gate-series', 'wrong-patient', 'planted-options']

if (existsSync(shared)) describe('W13: small files that once went wrong, through every command', casesByCommand)
else
  it(`W13: the collection of small inputs is absent: generated files replace it in ${GENERATED.join(', ')}`, () => {
    const missing = GENERATED.filter((name) => !existsSync(path.join(import.meta.dirname, `${name}.test.ts`)))
    expect(missing).toEqual([])
  })

interface Listed {
  readonly StudyInstanceUID: string
  readonly PatientName: string
  readonly PatientID: string
  readonly otherPatients: readonly { readonly PatientName: string; readonly PatientID: string }[]
}
interface Inspected {
  readonly path: string
  readonly readable: boolean
  readonly code: string | null
  readonly NumberOfFrames: number
  readonly sha256: string | null
}
interface Deidentified {
  readonly files: number
  readonly written: number
  readonly refused: readonly { readonly path: string; readonly code: string }[]
}
function casesByCommand(): void {
  const cases = readdirSync(shared)
  const all = cases.flatMap(filesOf)
  const LOOKED = [...filesOf('02-deid-pixel-bytes'), ...filesOf('14-hidden-pages')]
  const PASSING = filesOf('01-deid-gate').filter((file) => path.basename(file).startsWith('pass_'))
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>
  let relay: TestRelay
  let program: Program
  let imaging: Imaging
  let data: string
  let studyOf: ReadonlyMap<string, string>

  /** Runs a command as the command line does, and returns what --json prints. */
  async function outpost<Json>(...args: string[]): Promise<{ json: Json; exit: number }> {
    const found = findCommand(workstationCommands, args)!
    const command = await workstationCommands[found.name]!()
    const { words, values } = readWords(command, [...found.rest, '--data', data, '--json'])
    const outcome = await command.run(words, values, program)
    return { json: outcome!.json as Json, exit: outcome!.exit ?? 0 }
  }

  beforeAll(async () => {
    vi.stubEnv('OUTPOST_PASSPHRASE', 'a passphrase for tests')
    temporary = await temporaryFolder()
    relay = await startRelay(temporary.folder, { publicUrl: RELAY_URL, seed: await writeSeed(temporary.folder) })
    const source = (file: string) => new URL(`../../${file}`, import.meta.url)
    const checkout = programAt(root, {
      storage: source('src-main/storage/worker.ts'),
      indexer: source('src-main/library/indexer.ts'),
      preparer: source('src-main/sharing/prepare-thread.ts'),
      decode: source('src-engine/decode-process/process.ts'),
    })
    imaging = await checkout.createImaging()
    // All commands of this file share one pool; otherwise each would start and end its own processes.
    program = { ...checkout, fetch: relay.fetch, createImaging: async () => ({ ...imaging, close: async () => {} }) }
    data = path.join(temporary.folder, 'workstation')
    await sealedDataFolder(data, 'a passphrase for tests')
    const uidOf = (file: string) =>
      text(parseDicom(readFileSync(file), { stopAtPixelData: true }).dataset, TAG.StudyInstanceUID)
    studyOf = new Map(all.map((file) => [file, uidOf(file)]))
  })
  afterAll(async () => {
    await imaging.close()
    await relay.close()
    await temporary.remove()
    vi.unstubAllEnvs()
  })

  it('W1 W3: index lists every file; of two encodings of one instance the newer stands', async () => {
    const { json } = await outpost<{ files: number; indexed: number; skipped: { path: string; code: string }[] }>(
      'index',
      ...cases.map((name) => path.join(shared, name, 'files')),
    )
    expect([json.files, json.indexed]).toEqual([all.length, all.length])
    expect(json.skipped.map(({ code }) => code)).toEqual(['superseded'])
    expect(filesOf('12-encapsulated-under-native-ts')).toContain(json.skipped[0]!.path)
  })

  it('W2 W15: a study of two patients names both in the list, and is found by the name and ID of either', async () => {
    const twoPatients: Record<string, readonly string[]> = {
      'same_study/a.dcm': ['Alpha^Anna', 'Beta^Bo', 'ID1', 'ID2'],
      'ghost/g0.dcm': ['Gamma^Greta', 'Ghost^Guest', 'IDH', 'IDG'],
    }
    for (const [file, [first = '', second = '', ...ids]] of Object.entries(twoPatients)) {
      const study = studyOf.get(fileOf('03-same-study-two-patients', file))!
      for (const words of [first, second, ...ids].map((entry) => entry.split('^').at(-1)!)) {
        const { json } = await outpost<Listed[]>('studies', '--search', words)
        expect([words, json.map(({ StudyInstanceUID }) => StudyInstanceUID)]).toEqual([words, [study]])
        const named = [json[0]!, ...json[0]!.otherPatients]
        expect(named.map(({ PatientName }) => PatientName)).toEqual([first, second])
        expect(named.map(({ PatientID }) => PatientID)).toEqual(ids)
      }
    }
    const { json } = await outpost<Listed[]>('studies')
    expect(json.filter(({ otherPatients }) => otherPatients.length > 0)).toHaveLength(2)
    // When an element occurs twice, the last one counts.
    const twice = studyOf.get(fileOf('09-duplicate-tags', 'dup_patient.dcm'))
    expect(json.find(({ StudyInstanceUID }) => StudyInstanceUID === twice)).toMatchObject({
      PatientName: 'Second^Name',
      PatientID: 'OTHER',
    })
  })

  it('W3: inspect reads every file, counts its frames, and finds the same pixels under a wrong name', async () => {
    const { json, exit } = await outpost<Inspected[]>('inspect', ...all, '--pixels')
    expect([exit, json.filter(({ readable }) => !readable)]).toEqual([0, []])
    expect(json.map(({ NumberOfFrames }) => NumberOfFrames)).toEqual(all.map(() => 1))
    const pixels = (name: string, file: string) => json.find((entry) => entry.path === fileOf(name, file))?.sha256
    expect(pixels('06-jpeg-jfif-labelled-rgb', 'yccstream_jfif_labelRGB.dcm')).toBe(
      pixels('06-jpeg-jfif-labelled-rgb', 'yccstream_nomark_labelYBR422.dcm'),
    )
    const compressed = pixels('07-number-of-frames-0', 'nframes_0.dcm')
    for (const syntax of ['explicit', 'implicit'])
      expect(pixels('12-encapsulated-under-native-ts', `labelled_${syntax}_but_encapsulated.dcm`)).toBe(compressed)
    expect(pixels('08-unknown-vr', 'vr_zero.dcm')).toBe(pixels('09-duplicate-tags', 'dup_patient.dcm'))
  })

  describe('W3: render', () => {
    /** Returns the middle row of the picture that the command writes, as red, green and blue. */
    async function row(file: string, ...more: string[]): Promise<number[][]> {
      const out = path.join(temporary.folder, 'picture.png')
      const { json } = await outpost<{ code: string | null }>('render', file, '--out', out, ...more)
      expect([path.basename(file), json.code]).toEqual([path.basename(file), null])
      const { data: bytes, info } = await sharp(out).removeAlpha().toColourspace('srgb').raw().toBuffer({
        resolveWithObject: true,
      })
      const start = Math.floor(info.height / 2) * info.width
      return Array.from({ length: info.width }, (_, x) => [
        ...bytes.subarray((start + x) * info.channels, (start + x + 1) * info.channels),
      ])
    }
    const grey = (pixels: number[][]): number[] => pixels.map(([value = -1]) => value)

    it('W3: a LUT of 40,000 entries whose count stands in an SS is applied', async () => {
      const curve = grey(await row(fileOf('04-lut-descriptor-signed', 'voi_ss_40000_entries.dcm')))
      expect(curve.findIndex((value) => value > 0)).toBe(57)
      expect(curve).toEqual(curve.toSorted((first, second) => first - second))
      expect(curve.at(-1)).toBe(255)
    })

    it('W3: a LUT item without data is as if absent: the window stands', async () => {
      const file = fileOf('05-lut-empty-item', 'voi_empty_data_window.dcm')
      const drawn = grey(await row(file))
      expect(drawn).toEqual(grey(await row(file, '--voi', '1000,500')))
      expect([drawn[0], drawn.at(-1), new Set(drawn).size > 30]).toEqual([0, 255, true])
    })

    it.each(['yccstream_jfif_labelRGB.dcm', 'yccstream_nomark_labelYBR422.dcm', 'rgbstream_nomark_labelRGB.dcm'])(
      'W3: bars of %s are red, green, blue and grey',
      async (file) => {
        const bars = await row(fileOf('06-jpeg-jfif-labelled-rgb', file))
        const expected = [
          [220, 30, 30],
          [30, 200, 30],
          [30, 30, 220],
          [200, 200, 200],
        ]
        for (const [index, color] of expected.entries()) {
          const found = bars[Math.floor(((index + 0.5) * bars.length) / 4)]!
          // Decoders of lossy JPEG may differ by one or two steps.
          for (const [channel, value] of color.entries()) expect(Math.abs(found[channel]! - value)).toBeLessThan(3)
        }
      },
    )

    it('W3: every other file is drawn too', async () => {
      for (const file of all) expect((await row(file)).length).toBeGreaterThan(15)
    })
  })

  describe('D5: deidentify', () => {
    const outputs = (out: string): string[] =>
      readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))

    it('D5: pages of text and colour in grey classes are asked for a look, slices of CT pass', async () => {
      const input = path.join(shared, '01-deid-gate')
      const out = path.join(temporary.folder, 'gate')
      const { json, exit } = await outpost<Deidentified>('deidentify', input, '--out', out)
      expect([exit, json.written]).toEqual([1, 3])
      const names = filesOf('01-deid-gate').filter((file) => path.basename(file).startsWith('stop_'))
      expect(json.refused.filter(({ code }) => code === 'pixel-review-required').map((entry) => entry.path)).toEqual(
        names,
      )
    })

    it('D1 D5: after the review every file leaves with its pixels, without names, comments and pages', async () => {
      for (const name of cases) {
        const out = path.join(temporary.folder, 'deidentified', name)
        const files = filesOf(name)
        const { json } = await outpost<Deidentified>('deidentify', ...files, '--out', out, '--allow-pixels')
        expect([name, json.refused, json.written]).toEqual([name, [], files.length])
        for (const file of outputs(out)) {
          const bytes = readFileSync(file, 'latin1')
          expect(bytes).not.toMatch(
            /ZZNEEDLE|HIDDENPAGE|Zzneedle|Fictional|Second\^|Alpha\^|Beta\^|Gamma\^|Ghost\^|Miller/,
          )
        }
        const pixels = async (of: string[]) =>
          (await outpost<Inspected[]>('inspect', ...of, '--pixels')).json.map(({ sha256 }) => sha256).toSorted()
        expect([name, await pixels(outputs(out))]).toEqual([name, await pixels(files)])
      }
    })
  })

  describe('W13: share', () => {
    const studiesOf = (files: readonly string[]) => [...new Set(files.map((file) => studyOf.get(file)!))]
    const everyFile = (name: string, part: string) => filesOf(name).filter((file) => file.includes(part))

    describe('W13: what the command share does, in one workstation', () => {
      let workstation: Workstation
      beforeAll(async () => {
        await outpost('enroll', RELAY_URL, 'RADI-OLOG-0001')
        // The directory is downloaded at the first contact.
        await outpost('sync', '--once')
        workstation = await createWorkstation(await nodeHost(program, data, process.env['OUTPOST_PASSPHRASE']))
      })
      afterAll(() => workstation.close())

      async function share(
        files: readonly string[],
        { anonymize = false, agreed }: { anonymize?: boolean; agreed?: string } = {},
      ): Promise<{ shareId: string } | SeveralPatients> {
        return shareCommand(workstation.services, {
          studies: studiesOf(files),
          as: 'sample-technologist',
          to: ['sample-01'],
          reason: 'Second opinion',
          patientAgreed: true,
          severalPatientsAgreed: agreed,
          terms: { twoFactor: false, anonymize },
        })
      }

      it.each(['carets', 'groups', 'issuer', 'nobirth'])(
        'W15: one patient written in two ways (%s) is shared without a question',
        async (variant) => {
          expect(await share(everyFile('16-patient-variants', `${path.sep}${variant}${path.sep}`))).toHaveProperty(
            'shareId',
          )
        },
      )

      it('W15: a study of two patients is refused with both names, and shared once these were agreed to', async () => {
        for (const folder of ['same_study', 'ghost']) {
          const files = everyFile('03-same-study-two-patients', folder)
          const refusal = await share(files)
          if (!('refused' in refusal)) throw new Error('two patients were shared without a question')
          expect(refusal.patients).toHaveLength(2)
          expect(await share(files, { agreed: refusal.severalPatientsAgreed })).toHaveProperty('shareId')
        }
      })

      it('D5: an anonymized share of what needs a look is refused before anything is queued', async () => {
        const outbox = async () => (await workstation.services.storage.shares.outbox(new Date().toISOString())).length
        const before = await outbox()
        const needing = [...everyFile('01-deid-gate', 'stop_'), ...LOOKED]
        for (const file of needing)
          await expect(share([file], { anonymize: true })).rejects.toMatchObject({ code: 'pixel-review-required' })
        expect(await outbox()).toBe(before)
      })

      it('D5: signed off, these may be shared anonymized, and slices of CT without a look', async () => {
        await signOff(workstation, studiesOf(LOOKED))
        const files = [...LOOKED, ...PASSING]
        const refusal = await share(files, { anonymize: true })
        if (!('refused' in refusal)) throw new Error('several patients were shared without a question')
        const agreed = refusal.severalPatientsAgreed
        expect(await share(files, { anonymize: true, agreed })).toHaveProperty('shareId')
      })
    })

    it('U1 D5 D9: every file arrives as it is; anonymized, without comments and pages behind', async () => {
      const terms = ['--to', 'sample-01', '--reason', 'Second opinion', '--patient-agreed', '--no-two-factor']
      const share = ['share', ...studiesOf(all), '--as', 'sample-technologist', ...terms]
      const refused = await outpost<SeveralPatients>(...share)
      expect([refused.exit, refused.json.refused]).toEqual([1, 'several-patients'])
      await outpost(...share, '--several-patients-agreed', refused.json.severalPatientsAgreed)
      const sent = await outpost<{ state: string }[]>('sync', '--once')
      expect([sent.exit, sent.json.filter(({ state }) => state !== 'delivered')]).toEqual([0, []])
      expect(sent.json).toHaveLength(8)
      const downloads = await downloaded(sent.json.length)
      const anonymized = downloads.find((images) => images.length === LOOKED.length + PASSING.length)
      for (const bytes of anonymized!)
        expect(bytes.toString('latin1')).not.toMatch(/ZZNEEDLE|HIDDENPAGE|Zzneedle|Fictional/)
      // An instance of which there are two files is shared once.
      const download = downloads.find((images) => images.length === all.length - 1)
      const found = new Set(download!.map((bytes) => bytes.toString('latin1')))
      const missing = all.filter((file) => !found.has(readFileSync(file, 'latin1')))
      expect(missing).toHaveLength(1)
      expect(filesOf('12-encapsulated-under-native-ts')).toContain(missing[0])
    })

    /** Returns the images that the recipient of each mail downloads. */
    async function downloaded(mails: number): Promise<Buffer[][]> {
      const downloads: Buffer[][] = []
      for (const { body } of await shownMessages(relay.fetch, 'recipient-01@example.org', mails)) {
        const page = browser(relay.fetch)
        await page.portal.open({ token: tokenIn(body) })
        const zip = Buffer.from(await (await page.get('/download')).arrayBuffer())
        downloads.push([...storedFiles(zip)].filter(([name]) => name.startsWith('DICOM/')).map(([, bytes]) => bytes))
      }
      return downloads
    }
  })

  /** Signs off as the dialog does after a person has seen every frame; nothing is blacked out. */
  async function signOff({ services }: Workstation, studies: readonly string[]): Promise<void> {
    const { session, library, sharing } = services
    await session.actAs('sample-technologist', 'tests')
    for (const study of studies) {
      const StudyInstanceUID = Uid.parse(study)
      const { instances } = await library.selected({ studies: [{ StudyInstanceUID, series: null }], leftOut: [] })
      for (const [SeriesInstanceUID, ofSeries] of Map.groupBy(instances, (entry) => entry.SeriesInstanceUID)) {
        const series = { StudyInstanceUID, SeriesInstanceUID }
        const wanted = ofSeries.map(({ SOPInstanceUID }) => SOPInstanceUID)
        const { images } = await sharing.pixelReview.requestReview(series, wanted)
        const seen = images.map(({ SOPInstanceUID, content, NumberOfFrames }) => ({
          SOPInstanceUID,
          content,
          framesSeen: Array.from({ length: NumberOfFrames }, (_, index) => index + 1),
        }))
        await sharing.pixelReview.signOff(series, [], seen, session.requireFor('share'))
      }
    }
    await session.signOut()
  }
}
