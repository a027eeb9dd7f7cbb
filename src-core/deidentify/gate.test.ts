import { describe, expect, it } from 'vitest'
import { clearableByReview, reviewRequired, type GateFields } from './gate.ts'

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
    ['ultrasound', { SOPClassUID: `${storage}6.1`, Modality: 'US' }, 'pixel-review-required'],
    [
      'ultrasound that says NO is looked at all the same',
      { SOPClassUID: `${storage}6.1`, BurnedInAnnotation: 'NO' },
      'pixel-review-required',
    ],
    ['ultrasound multi-frame', { SOPClassUID: `${storage}3.1` }, 'pixel-review-required'],
    ['retired ultrasound', { SOPClassUID: `${storage}6` }, 'pixel-review-required'],
    ['ultrasound modality in another class', { Modality: 'US' }, 'pixel-review-required'],
    ['secondary capture', { SOPClassUID: `${storage}7`, Modality: 'CT' }, 'pixel-review-required'],
    ['multi-frame colour secondary capture', { SOPClassUID: `${storage}7.4` }, 'pixel-review-required'],
    ['a converted image', { ConversionType: 'WSD' }, 'pixel-review-required'],
    ['a screen save', { ImageType: 'DERIVED\\SECONDARY\\SCREEN SAVE' }, 'pixel-review-required'],
    ['dose information', { ImageType: 'DERIVED\\SECONDARY\\\\DOSEINFO' }, 'pixel-review-required'],
    ['a report rendered as an image', { ImageType: 'ORIGINAL\\PRIMARY\\CSA REPORT' }, 'pixel-review-required'],
    [
      'a slide label',
      { SOPClassUID: `${storage}77.1.6`, Modality: 'SM', ImageType: 'ORIGINAL\\PRIMARY\\LABEL\\NONE' },
      'pixel-review-required',
    ],
    [
      'a slide volume',
      { SOPClassUID: `${storage}77.1.6`, Modality: 'SM', ImageType: 'ORIGINAL\\PRIMARY\\VOLUME\\NONE' },
      null,
    ],
    ['a photograph', { SOPClassUID: `${storage}77.1.4`, Modality: 'XC' }, 'pixel-review-required'],
    ['video of a class that needs no look', { TransferSyntaxUID: '1.2.840.10008.1.2.4.102' }, 'pixel-review-required'],
    ['a dose page by its series description', { SeriesDescription: 'Dose Info' }, 'pixel-review-required'],
    ['a low dose series', { SeriesDescription: 'Low Dose Chest' }, null],
    ['a trauma protocol', { SeriesDescription: 'Trauma Protocol WB' }, null],
    [
      'a protocol page of a maker by ImageType',
      { ImageType: 'DERIVED\\SECONDARY\\OTHER\\CT_SOM5 PROT' },
      'pixel-review-required',
    ],
    ['colour in the class of CT', { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB' }, 'pixel-review-required'],
    [
      'a palette in nuclear medicine',
      { SOPClassUID: `${storage}20`, Modality: 'NM', PhotometricInterpretation: 'PALETTE COLOR' },
      null,
    ],
    ['no ImageType alone', { ImageType: '', oriented: true, Rows: 512, Columns: 512 }, null],
    [
      'no ImageType and no geometry',
      { ImageType: '', oriented: false, Rows: 512, Columns: 512 },
      'pixel-review-required',
    ],
    ['no ImageType and the size of a screen', { ImageType: '', Rows: 768, Columns: 1024 }, 'pixel-review-required'],
    ['no ImageType and no pixels', { ImageType: '', oriented: false, Rows: 0, Columns: 0 }, null],
    [
      'a derived page without kind and geometry',
      { ImageType: 'DERIVED\\SECONDARY', oriented: false },
      'pixel-review-required',
    ],
    [
      'a dose distribution is called dose',
      { SOPClassUID: `${storage}481.2`, Modality: 'RTDOSE', ImageType: '', SeriesDescription: 'Dose' },
      null,
    ],
    ['a derived slice', { ImageType: 'DERIVED\\SECONDARY\\MPR' }, null],
  ]
  it.each(rows)('D5: %s', (_title, change, expected) => {
    expect(reviewRequired({ ...ct, ...change })).toBe(expected)
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
    expect(reviewRequired({ ...ct, SOPClassUID, Modality: '' })).toBe(expected)
  })
  it('D5, D6: a look lifts what concerns pixels, nothing else', () => {
    expect(
      [
        'burned-in-annotation',
        'pixel-review-required',
        'recognizable-features',
        'encapsulated-document',
        'structured-report',
        'unknown-sop-class',
      ].map((code) => clearableByReview(code as never)),
    ).toEqual([true, true, false, false, false, false])
  })
})

it('D2: Clean Recognizable Visual Features is refused for images, with the reason', () => {
  expect(reviewRequired(ct, { cleanRecognizableVisualFeatures: true })).toBe('recognizable-features')
  expect(reviewRequired({ ...ct, SOPClassUID: `${storage}11.1` }, { cleanRecognizableVisualFeatures: true })).toBeNull()
})
