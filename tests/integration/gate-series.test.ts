/** Tests for whole collections which series the gate holds for a pixel review, and which it lets pass (D5). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { gateFieldsOf, reviewRequired, type GateFields } from '../../src-core/deidentify/gate.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import { CLEAN_CORPUS_FILES } from '../support/clean-corpus-files.ts'
import { cleanSeries, seeded, TEXT_IMAGE_TYPES, TEXT_PAGES, textScreens } from '../support/gate-series.ts'

const shared = path.resolve(import.meta.dirname, '../../../shared')
const corpus = path.join(shared, 'dicom')
const cases = path.join(shared, 'cases/01-deid-gate/files')
const fieldsOf = (file: string): GateFields =>
  gateFieldsOf(parseDicom(readFileSync(file), { stopAtPixelData: true, inflate: inflateBounded }))

describe('D5: clean series are seldom asked for a look', () => {
  it('D5: at most 2 % of 400 clean series as scanners name them', () => {
    const asked = cleanSeries(400, 9).filter((fields) => reviewRequired(fields) !== null)
    expect(asked.length, asked.map((fields) => fields.SeriesDescription).join(', ')).toBeLessThanOrEqual(8)
  })

  it.skipIf(!existsSync(corpus))('D5: at most 2 % of the clean images of the corpus', () => {
    const asked = CLEAN_CORPUS_FILES.filter((file) => reviewRequired(fieldsOf(path.join(corpus, file))) !== null)
    expect(CLEAN_CORPUS_FILES.length).toBeGreaterThan(50)
    expect(asked.length / CLEAN_CORPUS_FILES.length, asked.join(', ')).toBeLessThanOrEqual(0.02)
  })
})

describe('D5: pages of text are stopped', () => {
  it.skipIf(!existsSync(cases))('D5: protocol and dose pages and colour in CT are stopped, slices of CT pass', () => {
    const verdicts = readdirSync(cases).map((name) => [name, reviewRequired(fieldsOf(path.join(cases, name)))])
    expect(verdicts.length).toBeGreaterThan(7)
    expect(verdicts).toEqual(
      verdicts.map(([name]) => [name, String(name).startsWith('stop_') ? 'pixel-review-required' : null]),
    )
  })

  it('D5: every page of text by series description, ImageType, colour, or no ImageType and one more sign', () => {
    expect(TEXT_PAGES.length + TEXT_IMAGE_TYPES.length).toBeGreaterThanOrEqual(100)
    const screens = [1, 2, 3, 4, 5].flatMap(textScreens)
    const passed = screens.filter(({ fields }) => reviewRequired(fields) === null)
    expect(new Set(passed.map(({ what }) => what))).toEqual(new Set())
  })

  it('D5: a name of a page between other words, with blanks, hyphens and accents as people type them', () => {
    const random = seeded(77)
    const glue = [' ', '  ', '-', '_', ' / ', '.', ': ']
    const any = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!
    const missed = Array.from({ length: 500 }, () => {
      const name = any(['Dose Report', 'Patient Protocol', 'Screen Save', 'Rapport de dose', 'Relevé de dose'])
      const words = [any(['CT', 'Abd', '4', 'AX']), any(glue), name.split(' ').join(any(glue)), any(glue)]
      return [...words, any(['1', 'SC', 'final'])].join('')
    }).filter((SeriesDescription) => reviewRequired({ ...cleanSeries(1, 3)[0]!, SeriesDescription }) === null)
    expect(missed).toEqual([])
  })
})
