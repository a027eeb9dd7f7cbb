/** Deterministic invented people, studies and recipients for the screens' tests and pictures. None of them exists. */
import type { Uid } from '../../../src-core/contract/identifiers.ts'
import type { RecipientView } from '../../../src-core/contract/recipients.ts'
import type { InstanceRow, Patient, SeriesRow, StudyRow } from '../../../src-core/contract/studies.ts'

/** A small linear congruential generator: the same seed gives the same data on every machine. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

const FAMILY = [
  'DOE',
  'EXAMPLE',
  'SAMPLE',
  'SPECIMEN',
  'PLACEHOLDER',
  'NOBODY',
  'VOORBEELD',
  'BEISPIEL',
  'EXEMPLE',
  'TESTCASE',
  'FICTION',
  'INVENTED',
]
const GIVEN = [
  'Jane',
  'John',
  'Alice',
  'Bob',
  'Carol',
  'Dirk',
  'Elke',
  'Fatima',
  'Gust',
  'Hélène',
  'Ibrahim',
  'Jürgen',
  'Katrien',
  'Lotte',
]
const EXAMS: { modality: string[]; descriptions: string[]; series: number; instances: [number, number] }[] = [
  {
    modality: ['CT'],
    descriptions: ['CT thorax with contrast', 'CT abdomen', 'CT brain without contrast', 'CT sinuses'],
    series: 4,
    instances: [180, 1400],
  },
  { modality: ['MR'], descriptions: ['MR knee left', 'MR brain', 'MR lumbar spine'], series: 7, instances: [120, 600] },
  {
    modality: ['CR'],
    descriptions: ['Thorax PA and lateral', 'Hand right', 'Ankle left'],
    series: 2,
    instances: [2, 3],
  },
  { modality: ['US'], descriptions: ['US abdomen', 'US thyroid', 'US shoulder right'], series: 1, instances: [9, 40] },
  { modality: ['MG'], descriptions: ['Mammography both sides'], series: 1, instances: [4, 4] },
  { modality: ['CT', 'PT'], descriptions: ['PET-CT whole body'], series: 5, instances: [800, 2100] },
]

const pick = <T>(items: readonly T[], next: () => number): T => items[Math.floor(next() * items.length)] as T
const between = (low: number, high: number, next: () => number): number => low + Math.floor(next() * (high - low + 1))
const day = (date: Date): string => date.toISOString().slice(0, 10).replaceAll('-', '')

/** Returns studies, newest first, with about a third as many patients; the first is DOE^Jane's CT of today. */
export function inventStudies(count: number, today: Date): StudyRow[] {
  const next = random(20261121)
  const rows: StudyRow[] = []
  for (let index = 0; index < count; index += 1) {
    const person = index === 0 || index === 3 ? 0 : Math.floor(next() * Math.max(3, count / 3))
    const identity = random(person + 7)
    const exam = index === 0 ? EXAMS[0]! : index === 1 ? EXAMS[3]! : pick(EXAMS, next)
    const takenAt = new Date(today.getTime() - Math.floor((index / 12) * 86_400_000))
    rows.push({
      StudyInstanceUID: `1.2.826.0.1.3680043.10.9999.${index + 1}` as Uid,
      PatientName: person === 0 ? 'DOE^Jane' : `${pick(FAMILY, identity)}^${pick(GIVEN, identity)}`,
      PatientID: `X${String(100_000 + person)}`,
      IssuerOfPatientID: 'SAMPLE',
      PatientBirthDate:
        person === 0
          ? '19700401'
          : [between(1931, 2019, identity), between(1, 12, identity), between(1, 28, identity)]
              .map((part) => String(part).padStart(2, '0'))
              .join(''),
      PatientSex: person === 0 ? 'F' : pick(['F', 'M'], identity),
      otherPatients: [],
      StudyDate: day(takenAt),
      StudyTime: `${String(between(7, 18, next)).padStart(2, '0')}${String(between(0, 59, next)).padStart(2, '0')}00`,
      StudyDescription: index === 0 ? 'CT thorax with contrast' : pick(exam.descriptions, next),
      AccessionNumber: `A${2_600_000 - index}`,
      ModalitiesInStudy: exam.modality,
      series: exam.series,
      instances: between(exam.instances[0], exam.instances[1], next),
      arriving: index === 1,
      shared: pick(['none', 'none', 'none', 'none', 'delivered', 'opened'], next),
    })
  }
  return rows
}

const SERIES_NAMES: Record<string, string[]> = {
  CT: ['Topogram', 'Thorax 1.0 soft', 'Thorax 1.0 lung', 'Coronal MPR', 'Dose report'],
  MR: ['Localizer', 'T1 tse sag', 'T2 tse sag', 'T2 tse tra', 'PD fs cor', 'STIR', 'DWI'],
  CR: ['PA', 'Lateral'],
  US: ['Abdomen'],
  MG: ['R CC / L CC'],
  PT: ['PET'],
}

export const patientOf = ({ PatientName, PatientID, IssuerOfPatientID, PatientBirthDate }: StudyRow): Patient => ({
  PatientName,
  PatientID,
  IssuerOfPatientID,
  PatientBirthDate,
})

/** Returns the series of a study; together they have as many instances as the study. */
export function inventSeries(study: StudyRow): SeriesRow[] {
  const modality = study.ModalitiesInStudy[0] ?? 'OT'
  const names = SERIES_NAMES[modality] ?? ['Series']
  let instancesLeft = study.instances
  return Array.from({ length: study.series }, (_unused, index) => {
    const instances =
      index === study.series - 1
        ? instancesLeft
        : Math.min(
            instancesLeft - (study.series - 1 - index),
            index === 0 ? Math.min(2, instancesLeft) : Math.floor(study.instances / study.series),
          )
    instancesLeft -= instances
    const SeriesInstanceUID = `${study.StudyInstanceUID}.${index + 1}` as Uid
    return {
      SeriesInstanceUID,
      Modality: study.ModalitiesInStudy[index % study.ModalitiesInStudy.length] ?? modality,
      SeriesNumber: index + 1,
      SeriesDescription: names[index % names.length] ?? '',
      BodyPartExamined: '',
      instances,
      // Every second series belongs to the second patient.
      patients: study.otherPatients.length === 0 ? [] : [[patientOf(study), ...study.otherPatients][index % 2]!],
      cover: `${SeriesInstanceUID}.${Math.floor(instances / 2) + 1}` as Uid,
    }
  })
}

/** Returns the instances of a series in reading order. */
export function inventInstances(series: SeriesRow): InstanceRow[] {
  return Array.from({ length: series.instances }, (_unused, index) => ({
    SOPInstanceUID: `${series.SeriesInstanceUID}.${index + 1}` as Uid,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2' as Uid,
    InstanceNumber: index + 1,
    NumberOfFrames: 1,
    Rows: 512,
    Columns: 512,
    kind: 'image',
  }))
}

const person = (
  id: number,
  familyName: string,
  givenName: string,
  specialty: string,
  more: Partial<RecipientView>,
): RecipientView => ({
  recipientId: `r${id}`,
  kind: 'user',
  name: `Dr ${givenName} ${familyName}`,
  specialty,
  organisation: 'Sample Practice',
  city: 'Nowhere-on-Sea',
  numbers: [{ system: 'RIZIV', value: `1-${String(10_000 + id * 37)}-${String(10 + id)}-${String(100 + id)}` }],
  email: '',
  mobile: '',
  hasEmail: true,
  hasMobile: true,
  language: 'nl',
  favourite: false,
  ...more,
})

/** Returns the sample directory: some favourites, one without a mobile number, a group and a department. */
export function inventRecipients(): RecipientView[] {
  return [
    person(1, 'Voorbeeld', 'Anna', 'General practice', { favourite: true, email: 'anna.voorbeeld@example.test' }),
    person(2, 'Exemple', 'Bernard', 'Orthopaedics', { favourite: true, language: 'fr' }),
    person(3, 'Beispiel', 'Clara', 'Pulmonology', { favourite: true, language: 'de', hasMobile: false }),
    person(4, 'Sample', 'David', 'Oncology', { language: 'en', mobile: '+32 470 00 00 04' }),
    person(5, 'Specimen', 'Eva', 'General practice', {}),
    person(6, 'Placeholder', 'Frank', 'Neurology', { hasMobile: false }),
    person(7, 'Nobody', 'Greta', 'Cardiology', { language: 'fr' }),
    person(8, 'Invented', 'Hugo', 'Rheumatology', {}),
    { ...person(9, '', '', '', {}), kind: 'group', name: 'Lung board (sample)', numbers: [], hasMobile: false },
    {
      ...person(10, '', '', '', {}),
      kind: 'department',
      name: 'Radiology, Second Sample Hospital',
      numbers: [],
      hasMobile: false,
      organisation: 'Second Sample Hospital',
    },
  ]
}
