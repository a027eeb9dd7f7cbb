/**
 * Compares the result for every file of the catalog of test files with that of another reader, in every character set
 * (W1, W2).
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../src-core/contract/errors.ts'
import { HeadReader } from '../../src-main/library/read-head.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')
const table = path.join(corpus, 'IDENTITY.tsv')
const KEYWORDS = ['PatientName', 'PatientID', 'StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID'] as const

/** Files for which an answer other than the table's is right, with the reason. */
const BETTER: Record<string, { outcome: string; PatientName?: string; why: string }> = {
  'fo-dicom+fo-dicom/Tests/FO-DICOM.Tests/Test Data/charset/chrGB2312.dcm': {
    outcome: 'instance',
    PatientName: 'Zhang^XiaoDong=张^小东',
    why: 'ISO 2022 IR 58 is a term of PS3.3 C.12.1.1.2; the table left its escape sequences in the name',
  },
  'synth/charset/iso2022_ir6_ir58.dcm': {
    outcome: 'instance',
    PatientName: 'Zhao^Yun=赵^云',
    why: 'ISO 2022 IR 58, as above',
  },
  'synth/charset/ir203_latin9.dcm': {
    outcome: 'instance',
    PatientName: 'Œuvrard^Šárka',
    why: 'ISO_IR 203 is Latin alphabet no. 9; the table read it as no. 1',
  },
  'synth/charset/backslash_in_shiftjis.dcm': {
    outcome: 'instance',
    PatientName: 'A\\B^C',
    why: 'two values of a person name; the table shows them as a list "[A, B^C]", here they stand as stored',
  },
  'synth/charset/xss_and_control.dcm': {
    outcome: 'instance',
    PatientName: '<script>alert(1)</script>^"><img src=x>',
    why: 'the table escapes the quotation mark for itself',
  },
  'synth/pixel/frames_zero.dcm': {
    outcome: 'instance',
    PatientName: 'Gap1^Synthetic',
    why: 'NumberOfFrames 0 is one frame, as DCMTK and pydicom read it today',
  },
  'synth/structure/zlib_header_deflate.dcm': {
    outcome: 'instance',
    PatientName: 'Raw^File',
    why: 'the zlib header before the deflated data violates PS3.5 A.5 but is harmless: the file is read',
  },
  'pydicom+pydicom/src/pydicom/data/test_files/no_meta.dcm': {
    outcome: 'refused',
    why:
      'its first byte is lost, so that every tag is shifted: none of its elements is in the standard. ' +
      'Either answer leaves it out of the index',
  },
}

describe.skipIf(!existsSync(table))('the catalog of test files', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'corpus-'))
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  it('W1 W2: every file is an instance, a media directory, no part of a study, or refused with a reason', () => {
    const reader = new HeadReader()
    const rows = readFileSync(table, 'utf8')
      .split('\n')
      .slice(1)
      .filter(Boolean)
      .map((line) => line.split('\t'))
    const differing: string[] = []
    let same = 0
    const times: number[] = []
    for (const [file = '', outcome = '', ...values] of rows) {
      const before = process.cpuUsage()
      const { code } = reader.read(unpacked(path.join(corpus, file), scratch))
      const { user, system } = process.cpuUsage(before)
      times.push(user + system)
      if (code !== null) expect(ERROR_CODES).toContain(code)
      const got =
        code === null
          ? 'instance'
          : code === 'media-directory'
            ? 'dicomdir'
            : code === 'missing-uid'
              ? 'no-study'
              : 'refused'
      const identity = code === null ? KEYWORDS.map((keyword) => reader.text(keyword)) : []
      const better = BETTER[file]
      const wantedName = better?.PatientName ?? values[0]
      const wanted = better ? better.outcome : outcome
      const agrees =
        got === wanted &&
        (got !== 'instance' ||
          KEYWORDS.every(
            (keyword, index) =>
              identity[index] ===
              (keyword === 'PatientName'
                ? wantedName
                : better && values[index] === ''
                  ? identity[index]
                  : values[index]),
          ))
      if (agrees) same++
      else differing.push(`${file}: wanted ${wanted}, got ${got}${code ? ` (${code})` : ''}`)
    }
    const slowest = Math.max(...times)
    console.log(
      `${same} of ${rows.length} as expected, ${Object.keys(BETTER).length} of them better than the table; ` +
        `slowest ${(slowest / 1000).toFixed(0)} ms`,
    )
    for (const [file, { why }] of Object.entries(BETTER)) console.log(`  ${file}: ${why}`)
    expect(differing).toEqual([])
    expect(rows.length).toBeGreaterThan(600)
    // No single file takes longer to index than all the others together.
    expect(slowest).toBeLessThan(times.reduce((sum, time) => sum + time, 0) - slowest)
  })
})

/** The catalog stores two files compressed, by its own convention; their contents are used. */
function unpacked(file: string, scratch: string): string {
  const bytes = readFileSync(file)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return file
  const inside = path.join(scratch, 'unpacked.dcm')
  writeFileSync(inside, gunzipSync(bytes))
  return inside
}
