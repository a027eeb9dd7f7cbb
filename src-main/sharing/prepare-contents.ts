/**
 * The contents of a package, collected while it is written: entries of its ZIP, files of its DICOMDIR, and the exams
 * that its pages and lists name.
 */
import { TAG, type Keyword } from '../../src-core/dicom/dictionary.ts'
import { frameCount } from '../../src-core/dicom/pixels/frame-count.ts'
import { number, text } from '../../src-core/dicom/values.ts'
import { copyElement, type WritableElement } from '../../src-core/dicom/write.ts'
import { detached, directoryKeys, type DirectoryKeys } from '../../src-core/package/directory-records.ts'
import type { DirectoryFile } from '../../src-core/package/dicomdir.ts'
import type { Manifest, PackageEntry } from '../../src-core/package/manifest.ts'
import type { MediaStudy } from '../../src-core/package/media-pages.ts'
import { joinedValues } from '../../src-core/patient/display-name.ts'
import type { StatedPatient } from '../../src-core/patient/patient-key.ts'
import { patientOfDataset } from '../../src-core/patient/patient-of-dataset.ts'
import { patientsOf } from '../../src-core/patient/patients-of.ts'
import type { DicomDataset } from '../../src-core/dicom/dataset.ts'
import type { PreparedInstance } from './prepare-instance.ts'

type StudyRow = Manifest['studies'][number]
type Uid = NonNullable<PackageEntry['SOPInstanceUID']>

/**
 * The file name of an instance. Its parts have at most 8 characters of A-Z and 0-9, as DICOM media require (PS3.10
 * 8.2).
 */
export interface Place {
  readonly path: string
  readonly previewPath: string
  readonly series: GatheredSeries
  readonly index: number
}

interface GatheredSeries {
  readonly name: string
  readonly Modality: string
  readonly description: string
  readonly instances: { path: string; preview: string | null }[]
}

interface GatheredStudy {
  readonly row: StudyRow
  /** The patients that the headers of this study state. */
  readonly patients: Map<string, StatedPatient>
  readonly series: Map<string, GatheredSeries>
  /**
   * The attributes of patient and study from the first header. An instance that the program adds must have the same
   * values as the exam.
   */
  readonly inherited: readonly WritableElement[]
}

type Identified = Pick<
  PreparedInstance,
  | 'SOPClassUID'
  | 'SOPInstanceUID'
  | 'StudyInstanceUID'
  | 'SeriesInstanceUID'
  | 'TransferSyntaxUID'
  | 'header'
  | 'size'
  | 'crc32'
  | 'sha256'
>

export interface PackageContents {
  readonly entries: PackageEntry[]
  readonly files: DirectoryFile[]
  readonly studies: ReadonlyMap<string, GatheredStudy>
  /** Returns the file name for an instance; addInstance follows once it is written. */
  place(instance: Identified): Place
  addInstance(place: Place, instance: Identified, offset: number, marks: Pick<PackageEntry, 'report' | 'message'>): void
  addPreview(place: Place): void
  studyRows(): StudyRow[]
  mediaStudies(): MediaStudy[]
}

const padded = (letter: string, count: number): string => `${letter}${String(count).padStart(4, '0')}`

const INHERITED: readonly Keyword[] = [
  'SpecificCharacterSet',
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyDate',
  'StudyTime',
  'StudyID',
  'AccessionNumber',
  'StudyDescription',
  'ReferringPhysicianName',
  'PatientIdentityRemoved',
  'DeidentificationMethod',
  'DeidentificationMethodCodeSequence',
  'LongitudinalTemporalInformationModified',
]

function inheritedElements(dataset: DicomDataset): WritableElement[] {
  return INHERITED.flatMap((keyword) => {
    const element = dataset.elements.get(TAG[keyword])
    return element ? [detached(copyElement(dataset, element))] : []
  })
}

/** Starts to collect the contents of a package. */
export function packageContents(): PackageContents {
  return new CollectedContents()
}

class CollectedContents implements PackageContents {
  readonly entries: PackageEntry[] = []
  readonly files: DirectoryFile[] = []
  readonly studies = new Map<string, GatheredStudy>()
  /** Keys of the first instance of each series. */
  readonly #firstKeys = new Map<string, DirectoryKeys>()
  #seriesCount = 0

  place(instance: Identified): Place {
    const series = this.#series(instance)
    const name = padded('I', series.instances.length + 1)
    const path = `DICOM/${series.name}/${name}`
    series.instances.push({ path, preview: null })
    return { path, previewPath: `PREVIEW/${series.name}/${name}.JPG`, series, index: series.instances.length - 1 }
  }

  addInstance(
    { path, series }: Place,
    instance: Identified,
    offset: number,
    marks: Pick<PackageEntry, 'report' | 'message'>,
  ): void {
    const { dataset } = instance.header
    this.files.push({
      path,
      SOPClassUID: instance.SOPClassUID,
      SOPInstanceUID: instance.SOPInstanceUID,
      TransferSyntaxUID: instance.TransferSyntaxUID,
      keys: this.#withSharedRecords(directoryKeys(dataset, instance.SOPClassUID)),
    })
    this.entries.push({
      path,
      kind: 'instance',
      offset,
      size: instance.size,
      crc32: instance.crc32,
      sha256: instance.sha256,
      ...marks,
      StudyInstanceUID: instance.StudyInstanceUID as Uid,
      SeriesInstanceUID: instance.SeriesInstanceUID as Uid,
      SOPInstanceUID: instance.SOPInstanceUID as Uid,
      SOPClassUID: instance.SOPClassUID as Uid,
      TransferSyntaxUID: instance.TransferSyntaxUID as Uid,
      Modality: series.Modality,
      SeriesDescription: series.description,
      SeriesNumber: integerOrNull(number(dataset, TAG.SeriesNumber)),
      InstanceNumber: integerOrNull(number(dataset, TAG.InstanceNumber)),
      NumberOfFrames: frameCount(number(dataset, TAG.NumberOfFrames)),
      Rows: integerOrNull(number(dataset, TAG.Rows)) ?? 0,
      Columns: integerOrNull(number(dataset, TAG.Columns)) ?? 0,
    })
  }

  addPreview({ series, index, previewPath }: Place): void {
    const instance = series.instances[index]
    if (instance) instance.preview = previewPath
  }

  studyRows(): StudyRow[] {
    return [...this.studies.values()].map(namedRow)
  }

  mediaStudies(): MediaStudy[] {
    return [...this.studies.values()].map((gathered) => {
      const { PatientName, PatientBirthDate, StudyDescription, StudyDate } = namedRow(gathered)
      const series = [...gathered.series.values()]
      return { patient: PatientName, PatientBirthDate, StudyDescription, StudyDate, series }
    })
  }

  #study(instance: Identified): GatheredStudy {
    const { dataset } = instance.header
    const patient = patientOfDataset(dataset)
    const known = this.studies.get(instance.StudyInstanceUID)
    if (known) {
      known.patients.set(JSON.stringify(patient), patient)
      return known
    }
    const added: GatheredStudy = {
      row: {
        StudyInstanceUID: instance.StudyInstanceUID as Uid,
        PatientName: patient.PatientName,
        PatientID: patient.PatientID,
        PatientBirthDate: patient.PatientBirthDate,
        StudyDescription: text(dataset, TAG.StudyDescription),
        StudyDate: text(dataset, TAG.StudyDate),
        AccessionNumber: text(dataset, TAG.AccessionNumber),
      },
      patients: new Map([[JSON.stringify(patient), patient]]),
      series: new Map(),
      inherited: inheritedElements(dataset),
    }
    this.studies.set(instance.StudyInstanceUID, added)
    return added
  }

  #series(instance: Identified): GatheredSeries {
    const { series: known } = this.#study(instance)
    const earlier = known.get(instance.SeriesInstanceUID)
    if (earlier) return earlier
    const { dataset } = instance.header
    this.#seriesCount += 1
    const added = {
      name: padded('S', this.#seriesCount),
      Modality: text(dataset, TAG.Modality),
      description: text(dataset, TAG.SeriesDescription),
      instances: [],
    }
    known.set(instance.SeriesInstanceUID, added)
    return added
  }

  /**
   * The DICOMDIR has one record of each patient, study and series, made from its first instance. Later instances use
   * the same records.
   */
  #withSharedRecords(keys: DirectoryKeys): DirectoryKeys {
    const above = JSON.stringify([keys.patientKey, keys.StudyInstanceUID, keys.SeriesInstanceUID])
    const first = this.#firstKeys.get(above)
    if (!first) {
      this.#firstKeys.set(above, keys)
      return keys
    }
    const { type, instance } = keys
    return { ...first, type, instance }
  }
}

/** The study as lists show it. A study with images of several patients names all of them. */
function namedRow({ row, patients }: GatheredStudy): StudyRow {
  const all = patientsOf([...patients.values()])
  return {
    ...row,
    PatientName: joinedValues(all.map(({ PatientName }) => PatientName)),
    PatientID: joinedValues(all.map(({ PatientID }) => PatientID)),
    PatientBirthDate: joinedValues(all.map(({ PatientBirthDate }) => PatientBirthDate)),
  }
}

/** Integer strings are sometimes written with a fraction, or contain no number at all. */
function integerOrNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.trunc(value)
}
