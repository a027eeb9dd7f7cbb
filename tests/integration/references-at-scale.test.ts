/**
 * De-identifies ten thousand invented instances with a workstation's own pseudonyms and reads them with an independent
 * reader (D3).
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import dicomParser from 'dicom-parser'
import { beforeAll, describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { deidentifyInstance } from '../../src-core/deidentify/deidentify.ts'
import type { OptionName } from '../../src-core/deidentify/options.ts'
import { keywordOf, tagOf, vrOf } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { patientKey } from '../../src-core/patient/patient-key.ts'
import { patientOfDataset } from '../../src-core/patient/patient-of-dataset.ts'
import { pseudonyms, type Pseudonyms } from '../../src-main/imaging/uid-map.ts'
import { shareOf } from '../support/share.ts'
import {
  CLASSES,
  fileOf,
  SOURCE_ROOT,
  syntheticStudies,
  type SyntheticDataset,
  type SyntheticInstance,
} from '../support/synthetic-studies.ts'

const STUDIES = shareOf(1_000, 60)
const ours = new Uint8Array(32).fill(7)
const OPTIONS: readonly (readonly OptionName[])[] = [
  [],
  ['cleanGraphics', 'cleanStructuredContent', 'cleanDescriptors'],
  ['retainLongitudinalModifiedDates', 'retainSafePrivate'],
  ['retainDeviceIdentity', 'retainPatientCharacteristics'],
]

/** A UID in a data set, with its path of keywords and item numbers. */
interface Found {
  readonly path: string
  readonly keyword: string
  readonly uid: string
}

function uidsOfModel(dataset: SyntheticDataset, at = ''): Found[] {
  return Object.entries(dataset).flatMap(([keyword, value]): Found[] => {
    if (Array.isArray(value) && typeof value[0] === 'object')
      return (value as readonly SyntheticDataset[]).flatMap((item, index) =>
        uidsOfModel(item, `${at}${keyword}[${index}]/`),
      )
    return typeof value === 'string' && vrOf(tagOf(keyword)!) === 'UI'
      ? value.split('\\').map((uid, index) => ({ path: `${at}${keyword}#${index}`, keyword, uid }))
      : []
  })
}

function uidsOfOutput(dataset: dicomParser.DataSet, at = ''): Found[] {
  return Object.values(dataset.elements).flatMap((element): Found[] => {
    const keyword = keywordOf(Number.parseInt(element.tag.slice(1), 16)) ?? element.tag
    if (element.items)
      return element.items.flatMap((item, index) => uidsOfOutput(item.dataSet!, `${at}${keyword}[${index}]/`))
    // Group 0002 belongs to the file and is compared separately.
    return element.vr === 'UI' && !element.tag.startsWith('x0002')
      ? dataset
          .string(element.tag)!
          .split('\\')
          .map((uid, index) => ({ path: `${at}${keyword}#${index}`, keyword, uid }))
      : []
  })
}

const CLASS_KEYWORDS = new Set(['SOPClassUID', 'ReferencedSOPClassUID', 'MappingResourceUID'])
/** The UIDs of an instance and of what it belongs to: a reference may lead to any of them. */
const IDENTITIES = ['SOPInstanceUID', 'SeriesInstanceUID', 'StudyInstanceUID', 'FrameOfReferenceUID']

interface Run {
  /** Every UID of a source and its replacements; a set, so that two different replacements are noticed. */
  readonly mapped: Map<string, Set<string>>
  /** The UIDs of written instances before and after. */
  readonly before: Set<string>
  readonly after: Set<string>
  /** UIDs that only refused instances have. */
  readonly refused: Set<string>
  /** Keywords of top-level attributes whose references are gone. */
  readonly lost: Set<string>
  /** Paths that only the output has. */
  readonly invented: string[]
  /** The faults of a file. */
  readonly wrong: string[]
  references: number
  written: number
  readonly codes: Map<string, number>
  /** A digest of every output, by its position. */
  readonly digests: string[]
}

function deidentified(
  { dataset, encoding }: SyntheticInstance,
  options: readonly OptionName[],
  { mapUid, patientId, shiftDays }: Pseudonyms,
): Uint8Array {
  const parsed = parseDicom(fileOf({ dataset, encoding }))
  const key = patientKey(patientOfDataset(parsed.dataset))
  const result = deidentifyInstance(parsed, {
    options: new Set(options),
    mapUid,
    shiftDays: shiftDays(key),
    patientName: 'Anonymous^1',
    patientId: patientId(key),
  })
  return new Uint8Array(Buffer.concat(result.chunks))
}

function runAll(
  studies: readonly (readonly SyntheticInstance[])[],
  names: Pseudonyms,
  optionsOf: (study: number) => readonly OptionName[],
): Run {
  const run: Run = {
    mapped: new Map(),
    before: new Set(),
    after: new Set(),
    refused: new Set(),
    lost: new Set(),
    invented: [],
    wrong: [],
    references: 0,
    written: 0,
    codes: new Map(),
    digests: [],
  }
  studies.forEach((instances, study) => {
    for (const instance of instances) {
      let output: Uint8Array
      try {
        output = deidentified(instance, optionsOf(study), names)
      } catch (error) {
        if (!(error instanceof OutpostError)) throw error
        run.codes.set(error.code, (run.codes.get(error.code) ?? 0) + 1)
        run.refused.add(String(instance.dataset['SOPInstanceUID'])).add(String(instance.dataset['SeriesInstanceUID']))
        continue
      }
      compare(run, uidsOfModel(instance.dataset), output)
    }
  })
  return run
}

function compare(run: Run, source: readonly Found[], output: Uint8Array): void {
  run.written++
  run.digests.push(createHash('sha256').update(output).digest('hex'))
  const read = dicomParser.parseDicom(output)
  if (read.string('x00020003') !== read.string('x00080018')) run.wrong.push('the file names another instance')
  if (Buffer.from(output.buffer, output.byteOffset, output.byteLength).includes(SOURCE_ROOT))
    run.wrong.push(`a UID of the source in ${read.string('x00080016')}`)
  const writtenUids = new Map(uidsOfOutput(read).map((answer) => [answer.path, answer]))
  for (const { path: at, keyword, uid } of source) {
    const now = writtenUids.get(at)?.uid
    if (!at.includes('/') && IDENTITIES.includes(keyword)) {
      run.before.add(uid)
      run.after.add(now ?? 'missing')
    } else if (!CLASS_KEYWORDS.has(keyword)) run.references++
    if (now === undefined) run.lost.add(at.split(/[[/#]/)[0]!)
    else if (CLASS_KEYWORDS.has(keyword)) {
      if (now !== uid) run.wrong.push(`${at} is another class`)
    } else {
      const replacements = run.mapped.get(uid) ?? new Set()
      run.mapped.set(uid, replacements.add(now))
    }
    writtenUids.delete(at)
  }
  for (const [at, { uid }] of writtenUids) if (!uid.startsWith('1.2.840.10008.')) run.invented.push(at)
}

describe('D3: UIDs of many studies', () => {
  const studies = [...syntheticStudies(STUDIES, 20_261_122)]
  const optionsOf = (study: number): readonly OptionName[] => OPTIONS[study % OPTIONS.length]!
  let run: Run
  beforeAll(() => {
    run = runAll(studies, pseudonyms(ours), optionsOf)
  })

  it('D3: references still lead to the same instance or still nowhere; only the profile removes any', () => {
    // Structured reports are listed and left out (D6).
    expect(Object.fromEntries(run.codes)).toEqual({ 'structured-report': STUDIES })
    expect(run.written).toBe(9 * STUDIES)
    expect(run.wrong).toEqual([])
    expect(run.invented).toEqual([])
    expect(run.references).toBeGreaterThan(100 * STUDIES)
    const counts = { resolved: 0, dangling: 0, toRefused: 0, broken: 0, strayed: 0 }
    for (const [uid, [now]] of run.mapped) {
      if (run.before.has(uid)) counts[run.after.has(now!) ? 'resolved' : 'broken']++
      else if (run.after.has(now!)) counts.strayed++
      else counts[run.refused.has(uid) ? 'toRefused' : 'dangling']++
    }
    expect(counts).toMatchObject({ broken: 0, strayed: 0, toRefused: STUDIES })
    expect(counts.resolved).toBe(run.before.size)
    expect(counts.dangling).toBeGreaterThan(10 * STUDIES)
    expect([...run.lost].sort()).toEqual(['ReferencedPerformedProcedureStepSequence', 'ReferencedStudySequence'])
  })

  it('D3: one UID has one answer, no two share one, and every answer is a UID made of 128 bits', () => {
    const answers = new Set<string>()
    for (const [uid, now] of run.mapped) {
      expect([uid, now.size]).toEqual([uid, 1])
      for (const answer of now) answers.add(answer)
    }
    // At the full 1,000 studies these are more UIDs than the cache of pseudonyms holds.
    expect(run.mapped.size).toBeGreaterThan(50 * STUDIES)
    expect(answers.size).toBe(run.mapped.size)
    for (const answer of answers)
      if (!/^2\.25\.(0|[1-9]\d{0,38})$/.test(answer) || BigInt(answer.slice(5)) >= 1n << 128n)
        expect(answer).toBe('a UID of PS3.5 B.2')
  })

  it('D3: another run with the same key writes the same bytes; another workstation shares no UID', () => {
    const again = runAll(studies.toReversed(), pseudonyms(ours.slice()), (study) => optionsOf(STUDIES - 1 - study))
    // Studies came in reverse order, but the instances within a study did not.
    const inOrder = Array.from({ length: STUDIES }, (_, study) =>
      again.digests.slice(9 * (STUDIES - 1 - study), 9 * (STUDIES - study)),
    ).flat()
    expect(inOrder).toEqual(run.digests)
    const others = pseudonyms(new Uint8Array(32).fill(8))
    const answers = new Set([...run.mapped.values()].flatMap((now) => [...now]))
    expect([...run.mapped.keys()].filter((uid) => answers.has(others.mapUid(uid)))).toEqual([])
    expect(
      runAll(studies.slice(0, 20), others, optionsOf).digests.filter((digest) => run.digests.includes(digest)),
    ).toEqual([])
  })

  it('D3: retained UIDs stay as they are, all of them but the one that content names', () => {
    const retained = runAll(studies.slice(0, 100), pseudonyms(ours), (study) => ['retainUIDs', ...optionsOf(study)])
    expect(retained.wrong.every((what) => what.startsWith('a UID of the source'))).toBe(true)
    expect([...retained.lost]).toEqual([])
    const changed = [...retained.mapped].filter(([uid, now]) => now.size !== 1 || !now.has(uid)).map(([uid]) => uid)
    // (0040,A124) has no entry in the column Retain UIDs.
    const inContent = new Set(
      studies
        .slice(0, 100)
        .flat()
        .filter(({ dataset }) => dataset['SOPClassUID'] === CLASSES.keyObjects)
        .flatMap(({ dataset }) => uidsOfModel(dataset))
        .filter(({ keyword }) => keyword === 'UID')
        .map(({ uid }) => uid),
    )
    expect(new Set(changed)).toEqual(inContent)
  })

  it.skipIf(spawnSync('which', ['dciodvfy']).status !== 0)(
    'D1: the validator finds no error in an output that its source did not have',
    () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'references-'))
      try {
        const sample = studies.flatMap((instances, study) =>
          study % 20 === 0
            ? instances
                .filter(({ dataset }) => dataset['SOPClassUID'] !== CLASSES.report)
                .map((instance) => ({ instance, study }))
            : [],
        )
        const files = sample.flatMap(({ instance, study }, index) => {
          const [source, output] = [path.join(folder, `${index}-source`), path.join(folder, `${index}-output`)]
          writeFileSync(source, fileOf({ ...instance, encoding: 'explicit' }))
          writeFileSync(output, deidentified(instance, optionsOf(study), pseudonyms(ours)))
          return [source, output]
        })
        const { stdout } = spawnSync(
          'sh',
          ['-c', 'while IFS= read -r file; do dciodvfy "$file" 2>&1; printf "\\001"; done'],
          { input: `${files.join('\n')}\n`, encoding: 'latin1', maxBuffer: 1 << 28 },
        )
        const judged = stdout.split('\u0001').slice(0, -1)
        expect(judged).toHaveLength(files.length)
        const errors = judged.map((lines) =>
          lines
            .split('\n')
            .filter((line) => line.startsWith('Error - '))
            .map((line) => line.replace(/<[\d.]+>/g, '')),
        )
        // The sources must be valid; otherwise the comparison proves nothing.
        expect([...new Set(errors.filter((_, index) => index % 2 === 0).flat())]).toEqual([])
        expect([
          ...new Set(
            errors.flatMap((lines, index) =>
              index % 2 === 1 ? lines.filter((line) => !errors[index - 1]!.includes(line)) : [],
            ),
          ),
        ]).toEqual([])
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )
})
