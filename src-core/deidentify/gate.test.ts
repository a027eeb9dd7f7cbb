import { describe, expect, it } from 'vitest'
import { liftedByALook, lookNeeded, type GateFields } from './gate.ts'

const ct: GateFields = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  Modality: 'CT',
  ImageType: 'ORIGINAL\\PRIMARY\\AXIAL',
  BurnedInAnnotation: '',
  ConversionType: '',
}
const storage = '1.2.840.10008.5.1.4.1.1.'

describe('D5: pixels that a person must look at', () => {
  const rows: [string, Partial<GateFields>, string | null][] = [
    ['a CT slice', {}, null],
    ['a CT slice that says NO', { BurnedInAnnotation: 'NO' }, null],
    ['a CT slice that says YES', { BurnedInAnnotation: 'YES' }, 'burned-in-annotation'],
    ['padded and in lower case', { BurnedInAnnotation: 'yes ' }, 'burned-in-annotation'],
    ['ultrasound', { SOPClassUID: `${storage}6.1`, Modality: 'US' }, 'needs-a-look'],
    [
      'ultrasound that says NO is looked at all the same',
      { SOPClassUID: `${storage}6.1`, BurnedInAnnotation: 'NO' },
      'needs-a-look',
    ],
    ['ultrasound multi-frame', { SOPClassUID: `${storage}3.1` }, 'needs-a-look'],
    ['retired ultrasound', { SOPClassUID: `${storage}6` }, 'needs-a-look'],
    ['ultrasound modality in another class', { Modality: 'US' }, 'needs-a-look'],
    ['secondary capture', { SOPClassUID: `${storage}7`, Modality: 'CT' }, 'needs-a-look'],
    ['multi-frame colour secondary capture', { SOPClassUID: `${storage}7.4` }, 'needs-a-look'],
    ['a converted image', { ConversionType: 'WSD' }, 'needs-a-look'],
    ['a screen save', { ImageType: 'DERIVED\\SECONDARY\\SCREEN SAVE' }, 'needs-a-look'],
    ['dose information', { ImageType: 'DERIVED\\SECONDARY\\\\DOSEINFO' }, 'needs-a-look'],
    ['a report rendered as an image', { ImageType: 'ORIGINAL\\PRIMARY\\CSA REPORT' }, 'needs-a-look'],
    [
      'a slide label',
      { SOPClassUID: `${storage}77.1.6`, Modality: 'SM', ImageType: 'ORIGINAL\\PRIMARY\\LABEL\\NONE' },
      'needs-a-look',
    ],
    [
      'a slide volume',
      { SOPClassUID: `${storage}77.1.6`, Modality: 'SM', ImageType: 'ORIGINAL\\PRIMARY\\VOLUME\\NONE' },
      null,
    ],
    ['a photograph', { SOPClassUID: `${storage}77.1.4`, Modality: 'XC' }, 'needs-a-look'],
    ['video of a class that needs no look', { TransferSyntaxUID: '1.2.840.10008.1.2.4.102' }, 'needs-a-look'],
    ['a dose page by its series description', { SeriesDescription: 'Dose Info' }, 'needs-a-look'],
    ['a low dose series', { SeriesDescription: 'Low Dose Chest' }, null],
    ['a trauma protocol', { SeriesDescription: 'Trauma Protocol WB' }, null],
    [
      'a protocol page of a maker by ImageType',
      { ImageType: 'DERIVED\\SECONDARY\\OTHER\\CT_SOM5 PROT' },
      'needs-a-look',
    ],
    ['colour in the class of CT', { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB' }, 'needs-a-look'],
    [
      'a palette in nuclear medicine',
      { SOPClassUID: `${storage}20`, Modality: 'NM', PhotometricInterpretation: 'PALETTE COLOR' },
      null,
    ],
    ['no ImageType alone', { ImageType: '', oriented: true, Rows: 512, Columns: 512 }, null],
    ['no ImageType and no geometry', { ImageType: '', oriented: false, Rows: 512, Columns: 512 }, 'needs-a-look'],
    ['no ImageType and the size of a screen', { ImageType: '', Rows: 768, Columns: 1024 }, 'needs-a-look'],
    ['no ImageType and no pixels', { ImageType: '', oriented: false, Rows: 0, Columns: 0 }, null],
    ['a derived page without kind and geometry', { ImageType: 'DERIVED\\SECONDARY', oriented: false }, 'needs-a-look'],
    [
      'a dose distribution is called dose',
      { SOPClassUID: `${storage}481.2`, Modality: 'RTDOSE', ImageType: '', SeriesDescription: 'Dose' },
      null,
    ],
    ['a derived slice', { ImageType: 'DERIVED\\SECONDARY\\MPR' }, null],
  ]
  it.each(rows)('D5: %s', (_title, change, expected) => {
    expect(lookNeeded({ ...ct, ...change })).toBe(expected)
  })
})

describe('D6: what cannot be de-identified is named', () => {
  const rows: [string, string, string | null][] = [
    ['encapsulated PDF', `${storage}104.1`, 'encapsulated-document'],
    ['encapsulated CDA', `${storage}104.2`, 'encapsulated-document'],
    ['encapsulated STL', `${storage}104.3`, 'encapsulated-document'],
    ['basic text SR', `${storage}88.11`, 'structured-report'],
    ['radiation dose SR', `${storage}88.67`, 'structured-report'],
    ['key object selection is references', `${storage}88.59`, null],
    ['segmentation', `${storage}66.4`, null],
    ['presentation state', `${storage}11.1`, null],
    ['RT structure set', `${storage}481.3`, null],
    ['RT plan', `${storage}481.5`, null],
    ['12-lead ECG', `${storage}9.1.1`, null],
    ['a recorded voice', `${storage}9.4.1`, 'unknown-sop-class'],
    ['raw data of a manufacturer', `${storage}66`, 'unknown-sop-class'],
    ['a private SOP class', '1.3.12.2.1107.5.9.1', 'unknown-sop-class'],
    ['no SOP class', '', 'unknown-sop-class'],
    ['a directory', '1.2.840.10008.1.3.10', 'unknown-sop-class'],
    ['a storage class of later editions', `${storage}999.1`, 'unknown-sop-class'],
  ]
  it.each(rows)('D6: %s', (_title, SOPClassUID, expected) => {
    expect(lookNeeded({ ...ct, SOPClassUID, Modality: '' })).toBe(expected)
  })
  it('D5, D6: a look lifts what concerns pixels, nothing else', () => {
    expect(
      [
        'burned-in-annotation',
        'needs-a-look',
        'recognizable-features',
        'encapsulated-document',
        'structured-report',
        'unknown-sop-class',
      ].map((code) => liftedByALook(code as never)),
    ).toEqual([true, true, false, false, false, false])
  })
})

it('D2: Clean Recognizable Visual Features is refused for images, with the reason', () => {
  expect(lookNeeded(ct, { cleanRecognizableVisualFeatures: true })).toBe('recognizable-features')
  expect(lookNeeded({ ...ct, SOPClassUID: `${storage}11.1` }, { cleanRecognizableVisualFeatures: true })).toBeNull()
})
