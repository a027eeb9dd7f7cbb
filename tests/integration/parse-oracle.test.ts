/**
 * Compares the reader with an independent one, dicom-parser: every element that both read, also nested ones, is at the
 * same place.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import dicomParser from 'dicom-parser'
import { describe, expect, it } from 'vitest'
import type { DicomDataset } from '../../src-core/dicom/dataset.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { root } from '../support/programs.ts'

const catalog = resolve(root, '..', 'shared', 'dicom')
/** Uncompressed and encapsulated little endian syntaxes, which both readers accept without inflating. */
const DEFLATED = [
  '1.2.840.10008.1.2.1.99',
  '1.2.840.10008.1.2.8.1',
  '1.2.840.10008.1.2.4.95',
  '1.2.840.10008.1.2.4.205',
]

/**
 * Files for which the readers differ and Outpost is right: one file's elements are explicit although its meta
 * information says implicit; the other ends in zeros that are not an element.
 */
const KNOWN = [
  'synth/structure/label_implicit_data_explicit.dcm',
  'fo-dicom+fo-dicom/Tests/FO-DICOM.Tests/Test Data/GH626.dcm',
]

const hex = (tag: number): string => `x${tag.toString(16).padStart(8, '0')}`

/**
 * Returns the offset and length of each value by its path of tags and item numbers. A sequence is represented by its
 * items.
 */
function ours(dataset: DicomDataset, path = '', places = new Map<string, string>()): Map<string, string> {
  for (const element of dataset.elements.values()) {
    const name = `${path}${hex(element.tag)}`
    if (element.items) for (const [index, item] of element.items.entries()) ours(item, `${name}[${index}].`, places)
    else if (element.fragments)
      places.set(name, element.fragments.map(({ start, length }) => `${start}+${length}`).join())
    else if (!element.undefinedLength) places.set(name, `${element.valueStart}+${element.valueLength}`)
  }
  return places
}

function theirs(dataset: dicomParser.DataSet, path = '', places = new Map<string, string>()): Map<string, string> {
  for (const element of Object.values(dataset.elements)) {
    // dicom-parser lists delimiters among the elements.
    if (element.tag.startsWith('xfffe')) continue
    const name = `${path}${element.tag}`
    if (element.items)
      for (const [index, item] of element.items.entries()) {
        if (item.dataSet) theirs(item.dataSet, `${name}[${index}].`, places)
      }
    else if (element.fragments)
      places.set(name, element.fragments.map(({ position, length }) => `${position}+${length}`).join())
    else if (!element.hadUndefinedLength) places.set(name, `${element.dataOffset}+${element.length}`)
  }
  return places
}

function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

describe.skipIf(!existsSync(catalog))('another reader', { timeout: 120_000 }, () => {
  it('W1: finds every element at the place where ours does', () => {
    const files = readdirSync(catalog, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.dcm'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => statSync(file).size < 32 * 1024 * 1024)
    const differences: string[] = []
    let compared = 0
    let elements = 0
    for (const file of files) {
      const bytes = new Uint8Array(readFileSync(file))
      const mine = attempt(() => parseDicom(bytes))
      const theirFile = attempt(() => dicomParser.parseDicom(bytes))
      if (!mine?.meta || !theirFile || mine.truncated || DEFLATED.includes(mine.TransferSyntaxUID)) continue
      const [ourPlaces, theirPlaces] = [ours(mine.dataset), theirs(theirFile)]
      for (const [name, place] of ourPlaces) {
        const theirPlace = theirPlaces.get(name)
        if (theirPlace === undefined) continue
        elements++
        if (theirPlace !== place)
          differences.push(`${file.slice(catalog.length + 1)} ${name}: ${place}, there ${theirPlace}`)
      }
      const missing = [...theirPlaces.keys()].filter((name) => !name.startsWith('x0002') && !ourPlaces.has(name))
      if (missing.length > 0)
        differences.push(`${file.slice(catalog.length + 1)}: not read ${missing.slice(0, 3).join(' ')}`)
      compared++
    }
    expect(differences.filter((line) => !KNOWN.some((file) => line.startsWith(file)))).toEqual([])
    expect(compared).toBeGreaterThan(300)
    expect(elements).toBeGreaterThan(20_000)
  })
})
