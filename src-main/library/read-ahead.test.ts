import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeInstance } from './instance.fixture.ts'
import { ReadAhead, type FileGroup } from './read-ahead.ts'
import { HeadReader } from './read-head.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')
let folder: string
const open = (): number => readdirSync('/proc/self/fd').length
const group = (names: readonly string[], wanted: FileGroup['wanted'] = () => true): FileGroup => ({
  directory: folder,
  names,
  wanted,
})

/** The state after a group of files whose reads all waited for the disk. */
function slow(): ReadAhead {
  const ahead = new ReadAhead()
  ahead.measured(64, 64)
  return ahead
}

async function fetchedNames(ahead: ReadAhead, groups: readonly FileGroup[]): Promise<string[][]> {
  const all: string[][] = []
  for await (const [, fetched] of ahead.alongside(groups)) all.push([...fetched.keys()])
  return all
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ahead-'))
  for (const number of [1, 2, 3, 4]) writeInstance(folder, `I${number}`, { number })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!existsSync('/proc/self/fd'))('W1: reading ahead', () => {
  it('W1: nothing is fetched from a disk that answers at once, nor because one read of many waited', async () => {
    const ahead = new ReadAhead()
    ahead.measured(64, 1)
    expect(await fetchedNames(ahead, [group(['I1', 'I2'])])).toEqual([[]])
  })

  it('W1: a few reads that waited, in small directories, do not tell of the disk until they are many', async () => {
    const ahead = new ReadAhead()
    for (const _ of [1, 2, 3, 4, 5]) ahead.measured(2, 1)
    expect(await fetchedNames(ahead, [group(['I1', 'I2'])])).toEqual([[]])
    for (let directory = 0; directory < 11; directory++) ahead.measured(2, 1)
    expect(await fetchedNames(ahead, [group(['I1', 'I2'])])).toEqual([['I1', 'I2']])
  })

  it('W1: from a slow disk what will be read is fetched, and what cannot be is left to who reads it', async () => {
    expect(await fetchedNames(slow(), [group(['I1', 'I2', 'gone'], (name) => name !== 'I2'), group(['I3'])])).toEqual([
      ['I1'],
      ['I3'],
    ])
  })

  it('W1: the disk is asked again after a while', async () => {
    const groups = Array.from({ length: 40 }, () => group(['I1']))
    const all = await fetchedNames(slow(), groups)
    expect(all.filter((names) => names.length > 0)).toHaveLength(16)
  })

  it.each(['to its end', 'until it is stopped', 'until something breaks'])(
    'W1: every file is closed again, gone through %s',
    async (how) => {
      const before = open()
      const through = async (): Promise<void> => {
        for await (const [{ names }] of slow().alongside([group(['I1', 'I2']), group(['I3', 'I4']), group(['I1'])])) {
          if (how === 'until it is stopped' && names.includes('I3')) return
          if (how === 'until something breaks') throw new Error('disk full')
        }
      }
      await through().catch(() => {})
      expect(open()).toBe(before)
    },
  )
})

describe.skipIf(!existsSync(corpus))('W1: reading ahead in the catalog of test files', () => {
  it('W1: a file read ahead says what it says when it is read alone', async () => {
    const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(path.join(corpus, name)).isFile())
      .sort()
    const reader = new HeadReader()
    const said = (name: string, fetched?: Parameters<HeadReader['read']>[1]) => {
      const { facts, code } = reader.read(path.join(corpus, name), fetched)
      return {
        name,
        facts,
        code,
        texts:
          code === null
            ? (['PatientName', 'StudyInstanceUID', 'SOPInstanceUID', 'Modality'] as const).map((keyword) =>
                reader.text(keyword),
              )
            : [],
      }
    }
    const ahead = slow()
    let fetchedFiles = 0
    for (let from = 0; from < files.length; from += 16) {
      ahead.measured(64, 64)
      const names = files.slice(from, from + 16)
      for await (const [, fetched] of ahead.alongside([{ directory: corpus, names, wanted: () => true }])) {
        fetchedFiles += fetched.size
        for (const name of names) expect(said(name, fetched.get(name))).toEqual(said(name))
      }
    }
    expect(fetchedFiles).toBe(files.length)
  })
})
