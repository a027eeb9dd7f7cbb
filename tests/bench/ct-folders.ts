/**
 * Makes folders of CT slices for the benches, by the generator beside the repository where it exists, else by this
 * file.
 */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../../src-core/dicom/write.ts'

export const peers = path.resolve(import.meta.dirname, '../../../shared/peers')
const generator = path.resolve(import.meta.dirname, '../../../shared/tools/make_studies.py')
const SIDE = 512
const PIXEL_BYTES = SIDE * SIDE * 2
const PER_SERIES = 100
const HEAD_BYTES = 16_384

/**
 * hollow: the pixel data is a hole in a sparse file. That is enough for programs that read only headers, and the
 * headers are as far apart on disk as in real files.
 */
export type Pixels = 'none' | 'hollow' | 'full'

/** Makes the folder. @returns the folder that contains the images and nothing else */
export function makeFolder(folder: string, files: number, pixels: Pixels): string {
  const generated =
    existsSync(generator) &&
    spawnSync(
      generator,
      [
        '--out',
        folder,
        '--files',
        String(files),
        '--pixels',
        pixels === 'none' ? 'none' : 'full',
        '--modalities',
        'CT:1',
      ],
      { stdio: 'ignore' },
    ).status === 0
  if (!generated) for (let number = 0; number < files; number++) writeSlice(folder, number, pixels)
  else if (pixels === 'hollow') hollow(folder)
  return generated ? path.join(folder, 'DICOM') : folder
}

function hollow(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const inside = path.join(folder, entry.name)
    if (entry.isDirectory()) hollow(inside)
    else if (entry.isFile()) {
      const { size } = statSync(inside)
      if (size <= HEAD_BYTES) continue
      truncateSync(inside, HEAD_BYTES)
      truncateSync(inside, size)
    }
  }
}

/** Returns the header of a CT slice as scanners write it: about 6 KB, two hundred elements, most of them private. */
function head(number: number, pixels: Pixels, frames = 1): Uint8Array {
  const series = Math.floor(number / PER_SERIES)
  const study = Math.floor(series / 3)
  const uid = (level: number, of: number): string => `1.2.826.0.1.3680043.99.20260101.${level}.10000000000000${of}`
  const elements: WritableElement[] = [
    textElement(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 100'),
    textElement(TAG.ImageType, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    textElement(TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    textElement(TAG.SOPInstanceUID, 'UI', uid(3, number)),
    textElement(TAG.StudyDate, 'DA', '20260102'),
    textElement(TAG.StudyTime, 'TM', '101112'),
    textElement(TAG.AccessionNumber, 'SH', `A${study}`),
    textElement(TAG.Modality, 'CS', 'CT'),
    textElement(TAG.Manufacturer, 'LO', 'Imaginary Scanners'),
    textElement(TAG.StudyDescription, 'LO', 'CT Chest'),
    textElement(TAG.SeriesDescription, 'LO', 'Lung 1.0'),
    ...Array.from({ length: 40 }, (_, index) =>
      textElement(0x00091010 + index, 'LO', `private value ${index} of ${number}`),
    ),
    textElement(TAG.PatientName, 'PN', `Fiction^Number${study}`),
    textElement(TAG.PatientID, 'LO', `F-${study}`),
    textElement(TAG.PatientBirthDate, 'DA', '19600101'),
    textElement(TAG.PatientSex, 'CS', 'F'),
    textElement(TAG.BodyPartExamined, 'CS', 'CHEST'),
    textElement(TAG.SliceThickness, 'DS', '1.0'),
    textElement(TAG.ProtocolName, 'LO', 'Chest'),
    textElement(TAG.StudyInstanceUID, 'UI', uid(1, study)),
    textElement(TAG.SeriesInstanceUID, 'UI', uid(2, series)),
    textElement(TAG.SeriesNumber, 'IS', String(series % 3)),
    textElement(TAG.InstanceNumber, 'IS', String(number % PER_SERIES)),
    textElement(TAG.ImagePositionPatient, 'DS', `0\\0\\${number}`),
    textElement(TAG.ImageOrientationPatient, 'DS', '1\\0\\0\\0\\1\\0'),
    numberElement(TAG.SamplesPerPixel, 'US', [1]),
    textElement(TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
    ...(frames > 1 ? [textElement(TAG.NumberOfFrames, 'IS', String(frames))] : []),
    numberElement(TAG.Rows, 'US', [SIDE]),
    numberElement(TAG.Columns, 'US', [SIDE]),
    textElement(TAG.PixelSpacing, 'DS', '0.7\\0.7'),
    numberElement(TAG.BitsAllocated, 'US', [16]),
    numberElement(TAG.BitsStored, 'US', [12]),
    numberElement(TAG.HighBit, 'US', [11]),
    numberElement(TAG.PixelRepresentation, 'US', [0]),
    ...Array.from({ length: 110 }, (_, index) => textElement(0x00431010 + index, 'LO', `more private values ${index}`)),
  ]
  const pixelHeader =
    pixels !== 'none' ? writeDataset([bytesElement(TAG.PixelData, 'OW', new Uint8Array(0))]) : new Uint8Array(0)
  if (pixels !== 'none') new DataView(pixelHeader.buffer).setUint32(8, PIXEL_BYTES * frames, true)
  return Buffer.concat([
    filePreambleAndMeta({
      MediaStorageSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      MediaStorageSOPInstanceUID: uid(3, number),
      TransferSyntaxUID: '1.2.840.10008.1.2.1',
    }),
    writeDataset(elements),
    pixelHeader,
  ])
}

function writeSlice(root: string, number: number, pixels: Pixels): void {
  const folder = path.join(root, String(Math.floor(number / PER_SERIES)))
  if (number % PER_SERIES === 0) mkdirSync(folder, { recursive: true })
  const descriptor = openSync(path.join(folder, `${number}.dcm`), 'w')
  const bytes = head(number, pixels)
  writeSync(descriptor, bytes)
  if (pixels === 'full') writeSync(descriptor, new Uint8Array(PIXEL_BYTES).fill(number & 0xff))
  if (pixels === 'hollow') ftruncateSync(descriptor, bytes.length + PIXEL_BYTES)
  closeSync(descriptor)
}

/** Writes one CT object with this many frames of 512 KiB each. */
export function writeLongObject(file: string, frames: number): void {
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, head(0, 'full', frames))
  for (let frame = 0; frame < frames; frame++) writeSync(descriptor, new Uint8Array(PIXEL_BYTES).fill(frame & 0x0f))
  closeSync(descriptor)
}
