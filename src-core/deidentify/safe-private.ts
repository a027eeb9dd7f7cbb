/**
 * Private elements that are known to hold physical quantities and no information about people. They are a part of
 * PS3.15 Table E.3.10-1: only numbers and flags.
 */
import type { DicomDataset, Tag, VR } from '../dicom/dataset.ts'
import { isPrivate } from '../dicom/dictionary.ts'
import { text } from '../dicom/values.ts'

/** The VR by private creator, and by group and element without the block (0xGGGG00EE). */
const SAFE_ELEMENTS: Readonly<Record<string, Readonly<Record<number, VR>>>> = {
  'Philips PET Private Group': { 0x70530000: 'DS', 0x70530009: 'DS' },
  'Philips Imaging DD 001': { 0x20010003: 'FL', 0x20010004: 'CS' },
  'Philips MR Imaging DD 001': { 0x2005000d: 'FL', 0x2005000e: 'FL' },
  GEMS_ACQU_01: { 0x00190023: 'DS', 0x00190024: 'DS', 0x00190027: 'DS' },
  GEMS_SERS_01: { 0x00250007: 'SL' },
  GEMS_PARM_01: { 0x00430027: 'SH', 0x00430039: 'IS', 0x0043006f: 'DS' },
  GEMS_HELIOS_01: { 0x00450001: 'SS', 0x00450002: 'FL' },
  'SIEMENS MR HEADER': {
    0x0019000a: 'US',
    0x0019000b: 'DS',
    0x0019000c: 'IS',
    0x0019000d: 'CS',
    0x0019000e: 'FD',
    0x00190027: 'FD',
    0x00190028: 'FD',
  },
  ELSCINT1: {
    0x00e10021: 'DS',
    0x01e10026: 'CS',
    0x01e10050: 'DS',
    0x01f10001: 'CS',
    0x01f10007: 'DS',
    0x01f10026: 'DS',
    0x01f10027: 'DS',
  },
}
const NUMBERS = /^[0-9eE+\-. \\:]*$/
const FLAG = /^[A-Z0-9_ \\]{0,64}$/

/**
 * The private elements of a data set that may be kept, with the VR to write, and the creators that reserve their blocks
 * (LO). An element is kept only when its value fits its VR: numbers, or one flag.
 */
export function safePrivate(dataset: DicomDataset): ReadonlyMap<Tag, VR> {
  const safeElements = new Map<Tag, VR>()
  for (const [tag, element] of dataset.elements) {
    if (!isPrivate(tag) || (tag & 0xffff) < 0x1000 || element.items) continue
    const creatorTag = (tag >>> 16) * 0x10000 + ((tag >>> 8) & 0xff)
    const vr = SAFE_ELEMENTS[text(dataset, creatorTag).trim()]?.[(tag >>> 16) * 0x10000 + (tag & 0xff)]
    if (!vr || (element.vr !== vr && element.vr !== 'UN') || element.valueLength > 256) continue
    const value = String.fromCharCode(
      ...dataset.bytes.subarray(element.valueStart, element.valueStart + element.valueLength),
    ).replace(/[\0 ]+$/, '')
    if ((vr === 'DS' || vr === 'IS' || vr === 'SH') && !NUMBERS.test(value)) continue
    if (vr === 'CS' && !FLAG.test(value)) continue
    safeElements.set(creatorTag, 'LO')
    safeElements.set(tag, vr)
  }
  return safeElements
}
