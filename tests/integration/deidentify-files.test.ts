/**
 * Checks the command on real files with independent tools: a planter of identifiers, a validator of object definitions,
 * other readers.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DicomDataset } from '../../src-core/dicom/dataset.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { sequence, text } from '../../src-core/dicom/values.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import { deidentifyFiles, type DeidentifyOutcome } from '../../src-main/imaging/deidentify-command.ts'
import { pseudonyms } from '../../src-main/imaging/uid-map.ts'

const shared = path.resolve(import.meta.dirname, '../../../shared')
const planter = path.join(shared, 'tools/plant_phi.py')
const maker = path.join(shared, 'tools/make_studies.py')
const corpus = path.join(shared, 'dicom')
const python = '/usr/bin/python3'
const hasPython = spawnSync(python, ['-c', 'import pydicom, numpy, PIL']).status === 0
const has = (program: string): boolean => spawnSync('which', [program]).status === 0
const workFolder = mkdtempSync(path.join(tmpdir(), 'deidentify-'))
const ours = pseudonyms(new Uint8Array(32).fill(7))
afterAll(() => rmSync(workFolder, { recursive: true, force: true }))

const imaging = createImaging({ concurrency: 1 })
afterAll(() => imaging.close())
const deidentified = (
  inputs: string[],
  out: string,
  options: string[] = [],
  allowPixels = true,
): Promise<DeidentifyOutcome> =>
  deidentifyFiles({
    inputs,
    out,
    options,
    allowPixels,
    pseudonyms: ours,
    paint: imaging.paintFrame,
    now: () => performance.now(),
  })
const run = (input: string, out: string, ...more: [string[]?, boolean?]): Promise<DeidentifyOutcome> =>
  deidentified([input], out, ...more)
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
/** Returns digests of files without the number that patients get in order of their appearance. */
const digests = (files: string[]): string[] =>
  files
    .map((file) =>
      createHash('sha256')
        // After many patients the number may have more digits, which changes the length of the value.
        .update(readFileSync(file, 'latin1').replace(/PN[^]{2}Anonymous\^\d+ ?/, ''), 'latin1')
        .digest('hex'),
    )
    .sort()
const codes = (outcome: DeidentifyOutcome): string[] => [...new Set(outcome.refused.map(({ code }) => code))].sort()

describe.skipIf(!existsSync(planter) || !hasPython)(
  'D1, D2: identifiers planted everywhere',
  { timeout: 300_000 },
  () => {
    const planted = path.join(workFolder, 'planted')
    beforeAll(() => {
      execFileSync(
        python,
        [planter, 'plant', '--src', corpus, '--out', planted, '--n', '300', '--seed', '11', '--tail'],
        { stdio: 'ignore' },
      )
    }, 240_000)

    const check = (out: string, retained: string): string =>
      spawnSync(
        python,
        [
          planter,
          'check',
          '--manifest',
          path.join(planted, 'manifest.tsv'),
          '--deid',
          out,
          '--no-pixels',
          '--show',
          '5',
          ...(retained ? ['--retain', retained] : []),
        ],
        { encoding: 'utf8' },
      ).stdout

    it('D1: the Basic Profile leaves none in 300 files of every kind; refused files are named', async () => {
      const out = path.join(workFolder, 'basic')
      const outcome = await run(path.join(planted, 'files'), out)
      // The planter skips files that it cannot write again.
      expect(outcome.files).toBeGreaterThan(290)
      expect(outcome.written + outcome.refused.length).toBe(outcome.files)
      expect(outcome.written).toBeGreaterThan(260)
      expect(['cannot-deidentify', 'encapsulated-document', 'structured-report', 'unknown-sop-class']).toEqual(
        expect.arrayContaining(codes(outcome)),
      )
      expect(check(out, '')).toContain(' 0 survivors')
    })

    it('D2: what options retain stays, and nothing else', async () => {
      const options = [
        'retainUIDs',
        'retainDeviceIdentity',
        'retainInstitutionIdentity',
        'retainPatientCharacteristics',
        'retainLongitudinalFullDates',
      ]
      const out = path.join(workFolder, 'retained')
      await run(path.join(planted, 'files'), out, options)
      expect(check(out, options.join(','))).toContain(' 0 survivors')
    })

    it('D2: cleaned descriptions, content, graphics and safe private elements contain none', async () => {
      const out = path.join(workFolder, 'cleaned')
      await run(path.join(planted, 'files'), out, [
        'cleanDescriptors',
        'cleanStructuredContent',
        'cleanGraphics',
        'retainSafePrivate',
      ])
      expect(check(out, '')).toContain(' 0 survivors')
    })

    it('D5: without a look, no instance with burned-in text is written', async () => {
      const outcome = await run(path.join(planted, 'files'), path.join(workFolder, 'unlooked'), [], false)
      expect(codes(outcome)).toEqual(expect.arrayContaining(['burned-in-annotation', 'pixel-review-required']))
      const burned = new Set(
        readFileSync(path.join(planted, 'manifest.tsv'), 'utf8')
          .split('\n')
          .filter((line) => line.endsWith('\tpixels'))
          .map((line) => line.split('\t')[0]!),
      )
      const refused = new Set(outcome.refused.map((file) => path.relative(planted, file.path)))
      expect(burned.size).toBeGreaterThan(20)
      expect([...burned].filter((file) => !refused.has(file))).toEqual([])
    })
  },
)

describe.skipIf(!existsSync(corpus))('D1, D3: real files', { timeout: 300_000 }, () => {
  /** Source and output of every file that was written, in one output folder each. */
  const pairs: [source: string, output: string][] = []
  beforeAll(async () => {
    let index = 0
    for (const entry of readdirSync(corpus, { recursive: true, withFileTypes: true })) {
      const source = path.join(entry.parentPath, entry.name)
      if (!entry.isFile() || source.includes(`${path.sep}reference${path.sep}`) || statSync(source).size > 3_000_000)
        continue
      const out = path.join(workFolder, 'corpus', String(index++))
      if ((await run(source, out)).written === 1)
        pairs.push([
          source,
          path.join(
            out,
            readdirSync(out, { recursive: true })
              .map(String)
              .find((name) => name.endsWith('.dcm'))!,
          ),
        ])
    }
  }, 240_000)

  /**
   * Returns what a program prints for each file, and whether it succeeded. All runs share one shell, because starting
   * each program from here is slow.
   */
  const runForEach = (command: string, files: string[]): { output: string; ok: boolean }[] => {
    const loop =
      `while IFS= read -r file; do ${command} "$file" 2>&1 && ` +
      `printf '\\n\\001ok\\002\\n' || printf '\\n\\001failed\\002\\n'; done`
    const { stdout } = spawnSync('sh', ['-c', loop], {
      input: Buffer.from(`${files.join('\n')}\n`),
      encoding: 'latin1',
      maxBuffer: 1 << 28,
    })
    return stdout
      .split('\u0002\n')
      .slice(0, -1)
      .map((part) => ({ output: part.slice(0, part.lastIndexOf('\u0001')), ok: part.endsWith('\u0001ok') }))
  }

  it.skipIf(!has('dciodvfy'))('D1: the validator finds no new errors in what was valid before', () => {
    expect(pairs.length).toBeGreaterThan(500)
    // Where the validator cannot read the source (deflated, UN, truncated, damaged on purpose), its errors are ignored.
    const judged = pairs.filter(([source]) => !/deflat|dfl|structure|rtdose_rle|truncated/i.test(source))
    const errors = (files: string[]): string[][] =>
      runForEach('dciodvfy', files).map(({ output }) =>
        output
          .split('\n')
          .filter((line) => line.startsWith('Error - '))
          .map((line) => line.replace(/\[\d+\]|0x[0-9a-f]+|\d+ dec|<[\d.]+>/g, '')),
      )
    const before = errors(judged.map(([source]) => source))
    const after = errors(judged.map(([, output]) => output))
    expect(after).toHaveLength(judged.length)
    expect(
      after.flatMap((lines, index) =>
        lines
          .filter((line) => !before[index]!.includes(line))
          .map((line) => `${path.basename(judged[index]![0])}: ${line}`),
      ),
    ).toEqual([])
  })

  it('D1: each file comes out as it does alone, whatever came before it', async () => {
    const out = path.join(workFolder, 'together')
    await deidentified(
      pairs.map(([source]) => source),
      out,
    )
    expect(digests(filesBelow(out))).toEqual(digests(pairs.map(([, output]) => output)))
  })

  it.skipIf(!existsSync(maker))('D1: so do the slices of a series', async () => {
    const slices = path.join(workFolder, 'slices')
    execFileSync(
      maker,
      ['--out', slices, '--files', '150', '--modalities', 'CT:1', '--pixels', 'full', '--seed', '5'],
      { stdio: 'ignore' },
    )
    const [together, alone] = [path.join(workFolder, 'slices-together'), path.join(workFolder, 'slices-alone')]
    expect((await run(slices, together)).written).toBe(150)
    for (const file of filesBelow(slices)) await run(file, alone)
    expect(digests(filesBelow(together))).toEqual(digests(filesBelow(alone)))
  })

  it('D3: every reference to an instance still leads to that instance, and frames of reference stay shared', () => {
    const references = (dataset: DicomDataset): string[] => {
      const found = [text(dataset, TAG.ReferencedSOPInstanceUID), text(dataset, TAG.FrameOfReferenceUID)].filter(
        Boolean,
      )
      return [
        ...found,
        ...[...dataset.elements.values()].flatMap((element) =>
          (element.tag >>> 16) % 2 === 0 ? sequence(dataset, element.tag).flatMap(references) : [],
        ),
      ]
    }
    const read = (file: string): DicomDataset => parseDicom(readFileSync(file), { inflate: inflateBounded }).dataset
    let checked = 0
    for (const [source, output] of pairs) {
      // Its sequences came as UN, so an independent reader cannot list its references.
      if (source.endsWith('rtdose_rle.dcm') || source.endsWith('rtdose_rle_1frame.dcm')) continue
      const allowed = new Set(references(read(source)).map((uid) => ours.mapUid(uid)))
      for (const uid of references(read(output))) {
        expect(uid.startsWith('1.2.840.10008.') || allowed.has(uid), output).toBe(true)
        checked++
      }
    }
    expect(checked).toBeGreaterThan(500)
  })

  it.skipIf(!hasPython)('other readers open every output, and find the same pixels', () => {
    const list = path.join(workFolder, 'pairs.tsv')
    writeFileSync(list, pairs.map((pair) => pair.join('\t')).join('\n'))
    // The bytes of the pixel data; swapped where the source was big endian, padded where its length was odd.
    const script = `
import sys, warnings, logging, pydicom
warnings.filterwarnings('ignore'); logging.disable(logging.CRITICAL)
n = same = 0
for line in open(sys.argv[1]):
    a, b = line.rstrip('\\n').split('\\t')
    out = pydicom.dcmread(b)
    for e in out.iterall(): pass
    n += 1
    try: source = pydicom.dcmread(a, force=True)
    except Exception: continue
    if 'PixelData' not in source: continue
    # Compressed frames are written anew: foreign-bytes.test.ts has other decoders read them.
    if source['PixelData'].is_undefined_length: continue
    x, y = source.PixelData, out.PixelData
    if source.file_meta.get('TransferSyntaxUID') == '1.2.840.10008.1.2.2' and source['PixelData'].VR == 'OW':
        w = max(2, source.BitsAllocated // 8); x = b''.join(x[i:i + w][::-1] for i in range(0, len(x), w))
    if x == y or x + b'\\0' == y or x + b' ' == y: same += 1
    else: print('DIFFER', a)
print(n, same)
`
    const result = spawnSync(python, ['-c', script, list], { encoding: 'utf8', maxBuffer: 1 << 24 })
    const differing = result.stdout
      .split('\n')
      .filter((line) => line.startsWith('DIFFER'))
      .map((line) => path.basename(line))
    expect(result.stderr).toBe('')
    // Five have data in bits outside the pixels; four have bytes after the frames that their header names.
    expect(differing.sort()).toEqual([
      '12bitSigned_0x0F0F.dcm',
      '12bitUnsigned_0x0F0F.dcm',
      'MR_small_padded.dcm',
      'badVR.dcm',
      'frames_zero.dcm',
      'mlut_18.dcm',
      'mono10_overlay_in_high_bits.dcm',
      'native_extra_bytes.dcm',
      'signed12_garbage_high.dcm',
    ])
    expect(result.stdout).toMatch(new RegExp(`^${pairs.length} \\d+$`, 'm'))
  })

  it.skipIf(!has('dcmdump') || !has('gdcmdump'))('dcmtk and gdcm read what they read before', () => {
    const sample = pairs.filter((_, index) => index % 6 === 0)
    const broken = ['dcmdump -q +fo', 'gdcmdump'].flatMap((command) => {
      const quiet = `>/dev/null ${command}`
      const before = runForEach(
        quiet,
        sample.map(([source]) => source),
      )
      const after = runForEach(
        quiet,
        sample.map(([, output]) => output),
      )
      return sample
        .filter((_, index) => before[index]!.ok && !after[index]!.ok)
        .map(([source]) => `${command} ${path.basename(source)}`)
    })
    expect(broken).toEqual([])
  })
})
