import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { METHOD_CODES, optionSet, type OptionName } from './options.ts'
import { GROUP_ROWS, ROWS } from './table.generated.ts'
import { actionOf, rowOf } from './table.ts'

const none = new Set<OptionName>()
const source = path.resolve(import.meta.dirname, '../../../shared/standard')

it.skipIf(!existsSync(source))('D1: every row of Table E.1-1 is in the table, with its action and options', () => {
  const base = JSON.parse(readFileSync(path.join(source, 'confidentiality.json'), 'utf8')) as {
    attributes: { id: string; basic: string; options: Record<string, string> }[]
  }
  const delta = JSON.parse(
    readFileSync(path.join(source, 'confidentiality_delta_2026d.json'), 'utf8'),
  ) as typeof base & { added: typeof base.attributes }
  const all = [...base.attributes, ...delta.added].filter((row) => /^[0-9a-f]{8}$/.test(row.id))
  expect(ROWS.length).toBe(all.length)
  expect(ROWS.length + GROUP_ROWS.length).toBe(621 + 36)
  for (const row of all) {
    const ours = rowOf(Number.parseInt(row.id, 16))!
    expect([row.id, ours[2]]).toEqual([row.id, row.basic])
    if (row.id !== '00321033') expect([row.id, ours[3]]).toEqual([row.id, row.options])
  }
})

it('D1: repeating groups and private elements have their rows', () => {
  expect(actionOf(0x50003000, none)).toBe('X')
  expect(actionOf(0x501e0022, none)).toBe('X')
  expect(actionOf(0x60043000, none)).toBe('X')
  expect(actionOf(0x60044000, none)).toBe('X')
  expect(actionOf(0x00091001, none)).toBe('X')
  expect(actionOf(0x00080070, none)).toBe('K')
})

it('D2: an option has the last word on its rows, and cleaning wins over keeping', () => {
  expect(actionOf(0x0020000d, none)).toBe('U')
  expect(actionOf(0x0020000d, new Set<OptionName>(['retainUIDs']))).toBe('K')
  // Calibration DateTime is kept by the device option and cleaned by modified dates. A date that is not shifted would
  // reveal the shift.
  expect(actionOf(0x00181203, new Set<OptionName>(['retainDeviceIdentity', 'retainLongitudinalModifiedDates']))).toBe(
    'C',
  )
  expect(actionOf(0x00181203, new Set<OptionName>(['retainLongitudinalModifiedDates', 'retainDeviceIdentity']))).toBe(
    'C',
  )
  expect(actionOf(0x00181203, new Set<OptionName>(['retainDeviceIdentity']))).toBe('K')
  // Requesting Service has an option that a later edition added.
  expect(actionOf(0x00321033, new Set<OptionName>(['cleanDescriptors']))).toBe('C')
})

it('D2: options are named as the standard names them; unknown and contradicting ones are refused', () => {
  expect([...optionSet(['retainUIDs', 'cleanGraphics'])]).toEqual(['retainUIDs', 'cleanGraphics'])
  expect(() => optionSet(['retainEverything'])).toThrow('bad-request')
  expect(() => optionSet(['retainLongitudinalFullDates', 'retainLongitudinalModifiedDates'])).toThrow('bad-request')
  expect(Object.values(METHOD_CODES).map(([code]) => Number(code))).toEqual(
    Array.from({ length: 13 }, (_, index) => 113100 + index),
  )
})
