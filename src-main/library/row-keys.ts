/** Keys of the rows that a file's row points to: made when first met, remembered, so that a file costs one insert. */
import { sopClassKind } from '../../src-core/dicom/uids.ts'
import type { IndexWriter } from '../storage/index/index-writer.ts'
import type { PatientFields } from '../storage/index/study-fields.ts'
import { HeadReader, type HeadKeyword } from './read-head.ts'

/** More than this is not kept in memory during a long run. */
const MOST_KEYS = 100_000

export interface RowKeysOfFile {
  readonly patientKey: number
  readonly studyKey: number
  readonly seriesKey: number
  readonly formKey: number
}

export class RowKeys {
  /** Of the files whose rows are asked for. */
  readonly reader = new HeadReader()
  private readonly writer: IndexWriter
  private readonly patients = new Map<string, number>()
  private readonly studies = new Map<string, number>()
  private readonly series = new Map<string, number>()
  private readonly forms = new Map<string, number>()
  /** Those of the file before: mostly of the same series. */
  private last: RowKeysOfFile | null = null

  constructor(writer: IndexWriter) {
    this.writer = writer
  }

  /**
   * Of the file that was just read.
   * @param rewritten the file was in a study before: what it says of the study now holds, as after a correction of the
   * patient's name
   */
  ofFile(rewritten: boolean): RowKeysOfFile {
    const repeats = this.reader.repeatsShared()
    if (repeats && !rewritten && this.last) return this.last
    return (this.last = this.find(rewritten))
  }

  /** Rows that were counted empty are gone, and their keys with them. */
  forget(all: boolean): void {
    if (!all && this.studies.size + this.series.size + this.patients.size + this.forms.size < MOST_KEYS) return
    for (const keys of [this.patients, this.studies, this.series, this.forms]) keys.clear()
    this.last = null
  }

  private find(rewritten: boolean): RowKeysOfFile {
    const { reader } = this
    const sets = reader.ascii('SpecificCharacterSet')
    const patientId = `${sets}\n${reader.ascii('PatientName')}\n${reader.ascii('PatientID')}\n${reader.ascii('PatientBirthDate')}\n${reader.ascii('PatientSex')}\n${reader.ascii('IssuerOfPatientID')}`
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
    const formId = `${PhotometricInterpretation}\n${SamplesPerPixel}\n${BitsAllocated}\n${oriented}\n${SOPClassUID}\n${TransferSyntaxUID}\n${ImageType}\n${BurnedInAnnotation}\n${ConversionType}\n${NumberOfFrames}\n${Rows}\n${Columns}`
    let formKey = this.forms.get(formId)
    if (formKey === undefined) {
      const named = sopClassKind(SOPClassUID)
      // What a class says counts for documents; whether there are frames to show, the instance itself says.
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
