/** An instance from a faulty writer never leaves the workstation: both export paths read every copy again (D9). */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import type { SelectedInstance } from '../ports/records.ts'
import { instanceBytes } from '../library/instance.fixture.ts'
import { textElement, writeDataset } from '../../src-core/dicom/write.ts'
import { deidentifyFiles } from './deidentify-command.ts'
import { prepareInstance } from '../sharing/prepare-instance.ts'
import { pseudonyms } from './uid-map.ts'

const fault = vi.hoisted(() => ({ on: true }))
vi.mock('../../src-core/deidentify/deidentify.ts', async (original) => {
  const real = await original<typeof import('../../src-core/deidentify/deidentify.ts')>()
  const deidentifyInstance: typeof real.deidentifyInstance = (file, context) => {
    const made = real.deidentifyInstance(file, context)
    if (!fault.on) return made
    const copy = Buffer.concat(made.chunks)
    const pixels = copy.lastIndexOf(Buffer.from('e07f1000', 'hex'))
    const leak = writeDataset([textElement(0x00181030, 'LO', 'for Änne Erfunden')])
    return { ...made, chunks: [Buffer.concat([copy.subarray(0, pixels), leak]), copy.subarray(pixels)] }
  }
  return { ...real, deidentifyInstance }
})

const work = mkdtempSync(path.join(tmpdir(), 'faulty-writer-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))
const source = path.join(work, 'source.dcm')
writeFileSync(source, instanceBytes({ series: '2.25.200' }))
const keys = pseudonyms(new Uint8Array(32).fill(3))

function outcome(out: string): ReturnType<typeof deidentifyFiles> {
  const options: string[] = []
  return deidentifyFiles({ inputs: [source], out, options, allowPixels: true, pseudonyms: keys, paint, now: () => 0 })
}
const paint = () => Promise.reject(new Error('nothing is painted'))
const prepared = (): ReturnType<typeof prepareInstance> => {
  const { size, mtimeMs } = statSync(source)
  const instance = { path: source, size, mtimeMs, SOPInstanceUID: '2.25.1' } as SelectedInstance
  return prepareInstance(instance, {
    patientName: 'Anonymous^1',
    patientId: 'P',
    mapUid: keys.mapUid,
    shiftDays: -50,
    options: new Set(),
    signOff: null,
    paint,
  })
}

it('D9: the command writes nothing of what a faulty writer made, and names the element', async () => {
  const out = path.join(work, 'faulty')
  expect((await outcome(out)).refused).toEqual([{ path: source, code: 'identifier-left', element: 'ProtocolName' }])
  expect(readdirSync(work)).not.toContain('faulty')
})

it('D9: a share stops at what a faulty writer made, and names element and instance', async () => {
  await expect(prepared()).rejects.toMatchObject({
    code: 'identifier-left',
    detail: { element: 'ProtocolName', SOPInstanceUID: '2.25.1' },
  })
})

it('D9: both let go what was written well', async () => {
  fault.on = false
  try {
    expect((await outcome(path.join(work, 'well'))).written).toBe(1)
    await (await prepared()).close()
  } finally {
    fault.on = true
  }
})
