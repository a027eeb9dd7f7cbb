import { describe, expect, it } from 'vitest'
import { indexPage, plainDay, readmeText, type MediaWords } from './media-pages.ts'

const words: MediaWords = {
  lang: 'en',
  title: 'Shared images',
  from: 'Shared by {sender}.',
  notForDiagnosis: 'Not for diagnosis.',
  howToOpen: 'Open DICOMDIR.',
  unpackFirst: 'Unpack first.',
  message: 'Message',
  patient: 'Patient',
  birthDate: 'born',
  images: '{count} images',
  files: '{count} files.',
  noPreview: 'No picture.',
  previewOf: 'Picture of {series}',
}
const series = (description: string, previews: (string | null)[]) => ({
  description,
  Modality: 'CT',
  instances: previews.map((preview, index) => ({ path: `DICOM/I${index}`, preview })),
})
const content = {
  sender: 'Sample Sender',
  message: '',
  studies: [
    {
      patient: 'SAMPLE, Carla',
      PatientBirthDate: '19710314',
      StudyDescription: 'CT Chest',
      StudyDate: '20261118',
      series: [series('Axial', ['PREVIEW/A.JPG', null, 'PREVIEW/B.JPG']), series('Report', [null])],
    },
  ],
}

describe('X8: the pages of the media', () => {
  it('X8: the page shows every series, with its pictures to move through or that there are none', () => {
    const page = indexPage(content, words)
    expect(page).toContain('<img src="PREVIEW/A.JPG" alt="Picture of Axial">')
    expect(page).toContain('data-previews="PREVIEW/A.JPG PREVIEW/B.JPG"')
    expect(page).toContain('max="1"')
    expect(page).toContain('3 images')
    expect(page).toContain('No picture.')
    expect(page).toContain('SAMPLE, Carla')
    expect(page).not.toContain('<blockquote>')
  })

  it('X8: what a file or a sender wrote is text, never markup', () => {
    const hostile = '"><script>alert(1)</script>\''
    const page = indexPage(
      {
        sender: hostile,
        message: hostile,
        studies: [
          {
            patient: hostile,
            PatientBirthDate: hostile,
            StudyDescription: hostile,
            StudyDate: hostile,
            series: [series(hostile, ['PREVIEW/A.JPG', 'PREVIEW/B.JPG'])],
          },
        ],
      },
      words,
    )
    expect(page.split('<script>').length).toBe(2)
    expect(page).not.toContain('"><script>')
  })

  it('X8: README.TXT counts the files, says how to open them, and names no patient', () => {
    const text = readmeText(content, words)
    expect(text).toContain('4 files.\r\n')
    expect(text).toContain('Unpack first.')
    expect(text).not.toContain('Carla')
  })

  it('X8: days are written as people read them', () => {
    expect([plainDay('20261118'), plainDay(''), plainDay('2026')]).toEqual(['18/11/2026', '', '2026'])
  })
})
