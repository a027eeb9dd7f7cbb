/**
 * Keys of the rows that a file's row refers to. They are created at first use and cached, so that a file needs one
 * insert.
 */
import { sopClassKind } from '../../src-core/dicom/uids.ts'
import type { IndexWriter } from '../storage/index/index-writer.ts'
import type { PatientFields } from '../storage/index/study-fields.ts'
import { HeadReader, type HeadKeyword } from './read-head.ts'

/** Largest number of cached keys during a long scan. */
const MAX_KEYS = 100_000

export interface RowKeysOfFile {
  readonly patientKey: number
  readonly studyKey: number
  readonly seriesKey: number
  readonly formKey: number
}

export class RowKeys {
  /** Reads the files for which keys are requested. */
  readonly reader = new HeadReader()
  private readonly writer: IndexWriter
  private readonly patients = new Map<string, number>()
  private readonly studies = new Map<string, number>()
  private readonly series = new Map<string, number>()
  private readonly forms = new Map<string, number>()
  /** Keys of the previous file, which mostly belongs to the same series. */
  private last: RowKeysOfFile | null = null

  constructor(writer: IndexWriter) {
    this.writer = writer
  }

  /**
   * The keys for the file that was just read.
   * @param rewritten whether the file was in a study before: then its statements about the study replace the earlier
   * ones, as after a correction of the patient's name
   */
  ofFile(rewritten: boolean): RowKeysOfFile {
    const repeats = this.reader.repeatsShared()
    if (repeats && !rewritten && this.last) return this.last
    return (this.last = this.find(rewritten))
  }

  /** Drops cached keys, because the writer removed rows without files. */
  forget(all: boolean): void {
    if (!all && this.studies.size + this.series.size + this.patients.size + this.forms.size < MAX_KEYS) return
    for (const keys of [this.patients, this.studies, this.series, this.forms]) keys.clear()
    this.last = null
  }

  private find(rewritten: boolean): RowKeysOfFile {
    const { reader } = this
    const sets = reader.ascii('SpecificCharacterSet')
    const patientId =
      `${sets}\n${reader.ascii('PatientName')}\n${reader.ascii('PatientID')}\n${reader.ascii('PatientBirthDate')}\n` +
      `${reader.ascii('PatientSex')}\n${reader.ascii('IssuerOfPatientID')}`
    let patientKey = this.patients.get(patientId)
    if (patientKey === undefined) this.patients.set(patientId, (patientKey = this.writer.patient(this.patientFields())))
    const StudyInstanceUID = reader.ascii('StudyInstanceUID')
    let studyKey = this.studies.get(StudyInstanceUID)
    if (studyKey === undefined || rewritten) {
      const fields = {
        StudyInstanceUID,
        ...this.texts(['StudyDate', 'StudyTime', 'StudyDescription', 'AccessionNumber']),
      }
      this.studies.set(StudyInstanceUID, (studyKey = this.writer.study(fields, patientKey)))
      if (rewritten) this.writer.correctStudy(studyKey, fields)
    }
    const SeriesInstanceUID = reader.ascii('SeriesInstanceUID')
    const seriesId = `${studyKey}\n${SeriesInstanceUID}`
    let seriesKey = this.series.get(seriesId)
    if (seriesKey === undefined) {
      const texts = this.texts(['Modality', 'SeriesDescription', 'BodyPartExamined'])
      this.series.set(
        seriesId,
        (seriesKey = this.writer.series(studyKey, {
          SeriesInstanceUID,
          SeriesNumber: reader.integer('SeriesNumber'),
          ...texts,
        })),
      )
    }
    return { patientKey, studyKey, seriesKey, formKey: this.formKey() }
  }

  private patientFields(): PatientFields {
    return this.texts(['PatientName', 'PatientID', 'IssuerOfPatientID', 'PatientBirthDate', 'PatientSex'])
  }

  private texts<Keyword extends HeadKeyword>(keywords: readonly Keyword[]): Record<Keyword, string> {
    return Object.fromEntries(keywords.map((keyword) => [keyword, this.reader.text(keyword)])) as Record<
      Keyword,
      string
    >
  }

  private formKey(): number {
    const { reader } = this
    const SOPClassUID = reader.ascii('SOPClassUID')
    const ImageType = reader.ascii('ImageType')
    const BurnedInAnnotation = reader.ascii('BurnedInAnnotation')
    const ConversionType = reader.ascii('ConversionType')
    const Rows = reader.unsigned('Rows') ?? 0
    const Columns = reader.unsigned('Columns') ?? 0
    const NumberOfFrames = Rows > 0 ? Math.min(reader.frames(), 0x7fffffff) : 0
    const PhotometricInterpretation = reader.ascii('PhotometricInterpretation')
    const SamplesPerPixel = reader.unsigned('SamplesPerPixel') ?? 1
    const BitsAllocated = reader.unsigned('BitsAllocated') ?? 0
    const oriented = reader.ascii('ImageOrientationPatient') === '' ? 0 : 1
    const { TransferSyntaxUID } = reader.values
    const formId =
      `${PhotometricInterpretation}\n${SamplesPerPixel}\n${BitsAllocated}\n${oriented}\n${SOPClassUID}\n` +
      `${TransferSyntaxUID}\n${ImageType}\n${BurnedInAnnotation}\n${ConversionType}\n${NumberOfFrames}\n` +
      `${Rows}\n${Columns}`
    let formKey = this.forms.get(formId)
    if (formKey === undefined) {
      const named = sopClassKind(SOPClassUID)
      // The SOP class decides for documents; for others the instance decides whether there are frames to show.
      const kind = named === 'report' ? 'report' : Rows > 0 && Columns > 0 ? 'image' : 'other'
      formKey = this.writer.form({
        SOPClassUID,
        TransferSyntaxUID,
        ImageType,
        BurnedInAnnotation,
        ConversionType,
        NumberOfFrames,
        Rows,
        Columns,
        PhotometricInterpretation,
        SamplesPerPixel,
        BitsAllocated,
        oriented,
        kind,
      })
      this.forms.set(formId, formKey)
    }
    return formKey
  }
}
