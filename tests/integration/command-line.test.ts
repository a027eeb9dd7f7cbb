/**
 * Tests the command line as a script uses it: the real program, its table of commands, its output and its exit codes
 * (W13).
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import sharp from 'sharp'
import type { LogVerdict } from '../../src-core/contract/workstation.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SealedFileSecrets } from '../../src-main/secrets/sealed-file.ts'
import { SECRET_NAMES } from '../../src-main/secrets/workstation-keys.ts'
import { uuidUid } from '../../src-main/sharing/prepare.ts'
import { root, runProgram, sealedDataFolder, startProgram, temporaryFolder, type Program } from '../support/programs.ts'
import { writeSlice } from '../support/sync-station.ts'

const corpus = path.join(root, '../shared/dicom')
const folder = temporaryFolder('command-line')
const data = path.join(folder, 'workstation')
const passphrase = { OUTPOST_PASSPHRASE: 'a passphrase for tests' }
beforeAll(() => sealedDataFolder(data, passphrase.OUTPOST_PASSPHRASE))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a command with --json. It must print exactly one document on standard output, whatever its result. */
async function outpost<Json>(...args: string[]): Promise<{ exit: number; json: Json; messages: string }> {
  const { exit, json, messages, stdout } = await runProgram([...args, '--data', data, '--json'], passphrase)
  expect(
    json,
    `${args[0]} ended with ${exit} and wrote ${stdout.slice(0, 200)} ${messages.slice(0, 500)}`,
  ).not.toBeNull()
  expect(stdout).toBe(`${JSON.stringify(json)}\n`)
  return { exit, json: json as Json, messages }
}
const keys = (value: unknown): string[] => Object.keys(value as object)
const fileCount = (of: string): number =>
  readdirSync(of, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length

describe('W13: wrong use', () => {
  it.each<[string, string[], RegExp]>([
    ['no such command', ['nonsense'], /no command nonsense/],
    ['a word too few', ['enroll', 'http://127.0.0.1:1'], /usage: outpost enroll URL CODE/],
    ['an unknown option', ['studies', '--colour'], /--colour/],
    ['a number that is none', ['studies', '--limit', 'many'], /--limit takes a whole number/],
    ['an option that must be there', ['render', 'a.dcm'], /--out/],
    ['who shares', ['share', '1.2.3', '--to', 'x'], /--as/],
  ])('W13: %s: exit 2, the reason on standard error, nothing on standard output', async (_what, args, reason) => {
    const { exit, stdout, messages } = await runProgram([...args, '--data', data, '--json'], passphrase)
    expect([exit, stdout]).toEqual([2, ''])
    expect(messages).toMatch(reason)
  })

  it('W13: without --json a person reads sentences', async () => {
    const { exit, stdout, messages } = await runProgram(
      ['index', path.join(folder, 'not-there'), '--data', data],
      passphrase,
    )
    expect([exit, stdout]).toEqual([1, ''])
    expect(messages).toMatch(/^[A-Z].*\. .*\(folder-missing\)\n$/)
  })
})

it('W13: a reader that has seen enough and gone is no failure', async () => {
  // The shell starts the program only on request, which is after the reader of its output has closed.
  const begin = 'read told; exec "$0" --disable-warning=ExperimentalWarning "$@"'
  const child = spawn(
    'sh',
    ['-c', begin, process.execPath, 'src-main/entries/command-line.ts', 'studies', '--data', data, '--json'],
    { cwd: root, env: { ...process.env, NODE_OPTIONS: '', ...passphrase } },
  )
  const [standardError, ended] = [text(child.stderr), once(child, 'exit')]
  child.stdout.destroy()
  await once(child.stdout, 'close')
  child.stdin.end('go\n')
  expect([await standardError, ...(await ended)]).toEqual(['', 0, null])
})

describe.skipIf(!existsSync(path.join(corpus, 'IDENTITY.tsv')))('W13: on the catalog of test files', () => {
  const table = (name: string) =>
    readFileSync(path.join(corpus, name), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
  interface Report {
    files: number
    indexed: number
    unchanged: number
    skipped: { path: string; code: string }[]
    patients: number
    studies: number
    series: number
    instances: number
    seconds: number
  }
  interface Inspected {
    path: string
    readable: boolean
    code: string | null
    sha256: string | null
    TransferSyntaxUID: string
  }

  it('W13 W1: index reads every file once, names what it skipped and why, and leaves what it knows alone', async () => {
    const first = await outpost<Report>('index', corpus)
    expect(first.exit).toBe(0)
    expect(keys(first.json)).toEqual([
      'files',
      'indexed',
      'unchanged',
      'skipped',
      'patients',
      'studies',
      'series',
      'instances',
      'seconds',
    ])
    const { files, indexed, unchanged, skipped, studies } = first.json
    expect([files, unchanged]).toEqual([fileCount(corpus), 0])
    // The catalog contains some instances in several encodings: the index keeps the newest file and has read the
    // others.
    expect(indexed + skipped.filter(({ code }) => code !== 'superseded').length).toBe(files)
    for (const entry of skipped) expect(keys(entry)).toEqual(['path', 'code'])
    expect(skipped).toContainEqual({ path: path.join(corpus, 'CATALOG.tsv'), code: 'not-dicom' })
    const again = await outpost<Report>('index', corpus)
    expect(again.json).toMatchObject({ files, indexed: 0, unchanged: files, studies })
    expect(again.json.skipped).toEqual(skipped)
  })

  it('W13 W2: studies lists what another reader found, searched and limited', async () => {
    const { exit, json } = await outpost<Record<string, unknown>[]>('studies')
    expect(exit).toBe(0)
    expect(keys(json[0])).toEqual([
      'StudyInstanceUID',
      'PatientName',
      'PatientID',
      'otherPatients',
      'StudyDate',
      'StudyDescription',
      'AccessionNumber',
      'ModalitiesInStudy',
      'series',
      'instances',
    ])
    // Files that are compressed as a whole in the catalog are refused here, like any file that is not DICOM.
    const expected = table('IDENTITY.tsv')
      .filter(([file = '', outcome, , , study]) => outcome === 'instance' && study !== '' && !file.endsWith('.gz'))
      .map(([, , , , study]) => study)
    expect(new Set(json.map((study) => study['StudyInstanceUID']))).toEqual(new Set(expected))
    const found = await outpost<Record<string, unknown>[]>('studies', '--search', 'simpson', '--limit', '1')
    expect(found.json).toHaveLength(1)
    expect(found.json[0]?.['PatientName']).toMatch(/^SIMPSON/i)
    expect((await outpost('studies', '--search', 'nobody of that name')).json).toEqual([])
  })

  it('W13 W3: inspect answers once per file, in order; the hashes of --pixels match other decoders', async () => {
    const sure = table('reference/decoded.tsv').filter(
      ([file = '', , , , , , , , decoders]) => decoders !== 'DIFFER' && existsSync(path.join(corpus, file)),
    )
    const rows = sure.filter((_row, index) => index % 20 === 0)
    const files = [...rows.map(([file = '']) => path.join(corpus, file)), path.join(corpus, 'CATALOG.tsv')]
    const { exit, json } = await outpost<Inspected[]>('inspect', ...files, '--pixels')
    expect(exit).toBe(1)
    expect(keys(json[0]).toSorted()).toEqual([
      'Columns',
      'NumberOfFrames',
      'PhotometricInterpretation',
      'Rows',
      'SOPClassUID',
      'TransferSyntaxUID',
      'code',
      'path',
      'readable',
      'sha256',
    ])
    expect(json.map((entry) => entry.path)).toEqual(files)
    expect(json.at(-1)).toMatchObject({ readable: false, code: 'not-dicom', sha256: null })
    const native = rows
      .map((row, index) => [row[7], json[index]] as const)
      .filter(([, answer]) => ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'].includes(answer?.TransferSyntaxUID ?? ''))
    expect(native.length).toBeGreaterThan(5)
    expect(native.map(([, answer]) => answer?.sha256)).toEqual(native.map(([hash]) => hash))
    expect(await outpost<Inspected[]>('inspect', files[0] ?? '')).toMatchObject({
      exit: 0,
      json: [{ readable: true, code: null, Rows: 256, sha256: null }],
    })
  })

  it('W13 D5: deidentify names what it refused, and writes the rest once a person has looked', async () => {
    const input = path.join(corpus, 'ClearCanvas+ClearCanvas')
    const out = path.join(folder, 'deidentified')
    const { exit, json } = await outpost<{
      files: number
      written: number
      refused: { path: string; code: string }[]
      seconds: number
    }>('deidentify', input, '--out', out)
    expect(keys(json)).toEqual(['files', 'written', 'refused', 'seconds'])
    expect([exit, json.files, json.written + json.refused.length]).toEqual([1, fileCount(input), json.files])
    expect(json.refused.map((entry) => entry.code)).toContain('pixel-review-required')
    expect(fileCount(out)).toBe(json.written)
    const looked = path.join(folder, 'looked')
    const second = await outpost<typeof json>(
      'deidentify',
      input,
      '--out',
      looked,
      '--allow-pixels',
      '--option',
      'retainUIDs',
    )
    expect(second.json.written).toBeGreaterThan(json.written)
    expect(
      await outpost('deidentify', input, '--out', path.join(folder, 'none'), '--option', 'retainEverything'),
    ).toMatchObject({ exit: 1, json: { code: 'bad-request' } })
  })
})

describe('W13: from files to a share that is delivered', () => {
  const StudyInstanceUID = uuidUid(crypto.randomUUID())
  const series = uuidUid(crypto.randomUUID())
  const files = path.join(folder, 'files')
  let relay: Program
  let slices: string[]
  beforeAll(async () => {
    mkdirSync(files)
    slices = [1, 2, 3].map((number) => writeSlice(files, { study: StudyInstanceUID, series, number }))
    relay = await startProgram(['relay', '--demonstration', '--data', path.join(folder, 'relay')])
  })
  afterAll(() => relay.end())
  const code = () => readFileSync(relay.ready['codeFile'] ?? '', 'utf8').trim()

  it('W8, W13: relay and serve print their address once they answer; only the owner can read their files', async () => {
    expect((await fetch(`${relay.ready['url']}/s/unknown`)).status).toBe(404)
    await sealedDataFolder(path.join(folder, 'served'), passphrase.OUTPOST_PASSPHRASE)
    const workstation = await startProgram(['serve', '--no-open', '--data', path.join(folder, 'served')], passphrase)
    try {
      expect(keys(workstation.ready)).toEqual(['url'])
      expect(new URL(workstation.ready['url'] ?? '').hostname).toBe('127.0.0.1')
      expect((await fetch(workstation.ready['url'] ?? '', { redirect: 'manual' })).status).toBeLessThan(400)
      const made = readdirSync(path.join(folder, 'served'), { withFileTypes: true }).filter((entry) => entry.isFile())
      expect(made.map(({ name }) => name)).toEqual(expect.arrayContaining(['ledger.db', 'ledger.db-wal', 'index.db']))
      for (const { name } of process.platform === 'win32' ? [] : made)
        expect([name, statSync(path.join(folder, 'served', name)).mode & 0o077]).toEqual([name, 0])
    } finally {
      await workstation.end()
    }
  })

  it('W13: render writes the picture, or says why not', async () => {
    const out = path.join(folder, 'slice.png')
    expect(await outpost('render', slices[0] ?? '', '--out', out, '--size', '32', '--voi', '40,400')).toMatchObject({
      exit: 0,
      json: { width: 32, height: 32, code: null },
    })
    expect(await sharp(out).metadata()).toMatchObject({ format: 'png', width: 32, height: 32 })
    expect(
      await outpost('render', slices[0] ?? '', '--out', path.join(folder, 'no.png'), '--frame', '2'),
    ).toMatchObject({ exit: 1, json: { width: 0, height: 0, code: 'frame-out-of-range' } })
    expect(existsSync(path.join(folder, 'no.png'))).toBe(false)
  })

  it('W13: commands that need an enrolment say so; a wrong code does not enrol, the right one does once', async () => {
    expect(
      await outpost('share', StudyInstanceUID, '--as', 'x', '--to', 'y', '--reason', 'z', '--patient-agreed'),
    ).toMatchObject({ exit: 1, json: { code: 'not-enrolled' } })
    expect(await outpost('enroll', relay.ready['url'] ?? '', 'WRON-GCOD-E000')).toMatchObject({
      exit: 1,
      json: { code: 'wrong-enrolment-code' },
    })
    const { exit, json } = await outpost<Record<string, string>>('enroll', relay.ready['url'] ?? '', code())
    expect([exit, keys(json)]).toEqual([0, ['organisation', 'department', 'workstation']])
    expect(json['organisation']).toBe('Sample Hospital (demonstration)')
    expect(await outpost('enroll', relay.ready['url'] ?? '', code())).toMatchObject({
      exit: 1,
      json: { code: 'already-enrolled' },
    })
  })

  it('W9: token and keys of the enrolment are nowhere in the data folder in plain text', async () => {
    const secrets = new SealedFileSecrets(path.join(data, 'secrets.json'))
    await secrets.unlock(passphrase.OUTPOST_PASSPHRASE)
    const values = await Promise.all(Object.values(SECRET_NAMES).map((name) => secrets.get(name)))
    expect(values.map((value) => (value ?? '').length >= 43)).toEqual(values.map(() => true))
    const plain = [
      ...values.map(String),
      ...values.map((value) => Buffer.from(String(value)).toString('base64').slice(0, 40)),
      ...Object.values(SECRET_NAMES),
      passphrase.OUTPOST_PASSPHRASE,
    ]
    for (const entry of readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
      const text = readFileSync(path.join(entry.parentPath, entry.name), 'latin1')
      expect(
        plain.findIndex((secret) => text.includes(secret)),
        entry.name,
      ).toBe(-1)
    }
    expect(keys(JSON.parse(readFileSync(path.join(data, 'secrets.json'), 'utf8')))).toEqual([
      'version',
      'kdf',
      'nonce',
      'box',
    ])
    if (process.platform !== 'win32') expect(statSync(path.join(data, 'secrets.json')).mode & 0o077).toBe(0)
  })

  it('W13 X9: directory import takes CSV and FHIR R4, names what it left out, and search finds the rest', async () => {
    const csv = path.join(folder, 'people.csv')
    writeFileSync(
      csv,
      'id,lastname,firstname,RIZIV,email,mobile,language\n' +
        'sample-01,Waterval,Ilse,1-23456-78-901,ilse@example.org,+32470000001,nl\n,,Nameless,2,,,\n',
    )
    const imported = await outpost<Record<string, unknown>>('directory', 'import', csv)
    expect(imported).toMatchObject({
      exit: 1,
      json: { read: 1, added: 1, changed: 0, total: 1, skipped: [{ place: 'line 3', field: 'familyName' }] },
    })
    const bundle = path.join(folder, 'people.json')
    writeFileSync(
      bundle,
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'collection',
        entry: [
          {
            resource: {
              resourceType: 'Practitioner',
              id: 'imported-2',
              name: [{ family: 'Bergbeek', given: ['Otto'] }],
              identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '9999999995' }],
            },
          },
        ],
      }),
    )
    expect(await outpost('directory', 'import', bundle)).toMatchObject({
      exit: 0,
      json: { read: 1, added: 1, total: 2, skipped: [] },
    })
    const found = await outpost<Record<string, unknown>[]>('directory', 'search', 'bergbeek otto')
    expect(found.json).toMatchObject([
      { id: 'imported-2', kind: 'user', name: 'Otto Bergbeek', numbers: [{ system: 'NPI', value: '9999999995' }] },
    ])
    expect((await outpost<Record<string, unknown>[]>('directory', 'search', '1-23456 78.901')).json).toMatchObject([
      { id: 'sample-01', email: '', mobile: '' },
    ])
    expect(await outpost('directory', 'import', path.join(folder, 'missing.csv'))).toMatchObject({
      exit: 1,
      json: { code: 'directory-file-unreadable' },
    })
  })

  it('W13 U11 U14: share commits and says so, outbox shows it; without reason or agreement it is refused', async () => {
    await outpost('index', files)
    const terms = (...more: string[]) =>
      outpost<{ shareId: string; state: string }>(
        'share',
        StudyInstanceUID,
        '--as',
        'sample-technologist',
        '--to',
        'sample-01',
        ...more,
      )
    expect(await terms('--patient-agreed')).toMatchObject({ exit: 1, json: { code: 'reason-required' } })
    expect(await terms('--reason', 'Second opinion')).toMatchObject({ exit: 1, json: { code: 'patient-not-agreed' } })
    expect((await outpost('outbox')).json).toEqual([])
    const shared = await terms(
      '--reason',
      'Second opinion',
      '--patient-agreed',
      '--validity',
      '14d',
      '--urgent',
      '--no-two-factor',
    )
    expect([shared.exit, keys(shared.json), shared.json.state]).toEqual([0, ['shareId', 'state'], 'held'])
    const { exit, json } = await outpost<Record<string, unknown>[]>('outbox')
    expect([exit, keys(json[0])]).toEqual([0, ['shareId', 'state', 'reason', 'bytesSent', 'bytesTotal']])
    expect(json).toMatchObject([{ shareId: shared.json.shareId, state: 'held', reason: null }])
  })

  it('W13 S1: sync --once sends what can be sent and tells of each; what needs a person is exit 1', async () => {
    const other = { study: uuidUid(crypto.randomUUID()), series: uuidUid(crypto.randomUUID()) }
    const changing = writeSlice(path.join(folder, 'changing'), { ...other, number: 1 })
    await outpost('index', path.join(folder, 'changing'))
    await outpost(
      'share',
      other.study,
      '--as',
      'sample-technologist',
      '--to',
      'sample-01',
      '--reason',
      'Second opinion',
      '--patient-agreed',
      '--no-two-factor',
    )
    appendFileSync(changing, Buffer.alloc(2))
    const { exit, json } = await outpost<
      { state: string; reason: string | null; bytesSent: number; bytesTotal: number }[]
    >('sync', '--once')
    expect(exit).toBe(1)
    expect(json.map(({ state, reason }) => [state, reason]).toSorted()).toEqual([
      ['delivered', null],
      ['failed', 'file-changed'],
    ])
  })

  it('W13 W7: audit verify proves the log, and notices an entry that was rewritten', async () => {
    const { json } = await outpost<LogVerdict>('audit', 'verify')
    expect(['consistent', 'not-compared']).toContain(json.finding)
    expect(json.notWitnessed + (json.witnessed?.entries ?? 0)).toBe(json.entries)
    expect(json.entries).toBeGreaterThan(5)
    expect(json.head).toMatch(/^[0-9a-f]{64}$/)
    const { default: Database } = await import('better-sqlite3')
    const database = new Database(path.join(data, 'ledger.db'))
    const before = createHash('sha256')
      .update(JSON.stringify(database.prepare('SELECT entry FROM audit_entry').all()))
      .digest('hex')
    database.exec(
      `DROP TRIGGER audit_entry_never_changes;
       UPDATE audit_entry SET entry = json_set(entry, '$.actor.name', 'Somebody else') WHERE entryIndex = 2`,
    )
    expect(
      createHash('sha256')
        .update(JSON.stringify(database.prepare('SELECT entry FROM audit_entry').all()))
        .digest('hex'),
    ).not.toBe(before)
    database.close()
    expect(await outpost('audit', 'verify')).toMatchObject({
      exit: 1,
      json: { entries: json.entries + 1, ok: false, finding: 'changed' },
    })
  })
})
