/** Answers QIDO-RS and WADO-RS with the instances of exactly one grant (X6). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DicomJson, DicomWebSource } from '../../src-engine/dicomweb-source.ts'
import type { GrantedPackage } from './granted-package.ts'
import type { InstanceHeader } from './instance-headers.ts'
import { matchesQuery, pageOf } from './qido-matching.ts'

/** The attributes of answers to queries: those of PS3.18 tables 10.6.3-3 to 10.6.3-5 that files have. */
const STUDY_TAGS = [
  '00080020',
  '00080030',
  '00080050',
  '00080090',
  '00080201',
  '00081030',
  '00100010',
  '00100020',
  '00100021',
  '00100030',
  '00100040',
  '0020000D',
  '00200010',
]
const SERIES_TAGS = [
  '00080021',
  '00080060',
  '00080201',
  '0008103E',
  '00180015',
  '0020000D',
  '0020000E',
  '00200011',
  '00200060',
  '00400244',
  '00400245',
]
const INSTANCE_TAGS = [
  '00080016',
  '00080018',
  '00080201',
  '0020000D',
  '0020000E',
  '00200013',
  '00280008',
  '00280010',
  '00280011',
  '00280100',
  '00083002',
]

export function grantSource(granted: GrantedPackage, headers: readonly InstanceHeader[]): DicomWebSource {
  const instancesOf = (study: string, series: string | null): InstanceHeader[] =>
    headers.filter(
      ({ entry }) => entry.StudyInstanceUID === study && (series === null || entry.SeriesInstanceUID === series),
    )
  const required = (instances: InstanceHeader[], series: string | null): InstanceHeader[] => {
    if (instances.length === 0) throw new OutpostError(series === null ? 'study-not-found' : 'series-not-found')
    return instances
  }
  return {
    studies: (query) =>
      Promise.resolve(
        pageOf(
          groups(headers, 'StudyInstanceUID')
            .map(studyJson)
            .filter((json) => matchesQuery(json, query)),
          query,
        ),
      ),
    series: (study, query) =>
      Promise.resolve(
        pageOf(
          groups(required(instancesOf(study, null), null), 'SeriesInstanceUID')
            .map(seriesJson)
            .filter((json) => matchesQuery(json, query)),
          query,
        ),
      ),
    instances: (study, series, query) =>
      Promise.resolve(
        pageOf(
          required(instancesOf(study, series), series)
            .map(({ json }) => pick(json, INSTANCE_TAGS))
            .filter((json) => matchesQuery(json, query)),
          query,
        ),
      ),
    metadata(study, series, instance) {
      const instances = required(instancesOf(study, series), series).filter(
        ({ entry }) => instance === null || entry.SOPInstanceUID === instance,
      )
      return instances.length === 0
        ? Promise.reject(new OutpostError('instance-not-found'))
        : Promise.resolve(instances.map(({ json }) => json))
    },
    async instance(study, series, instance) {
      const header = instancesOf(study, series).find(({ entry }) => entry.SOPInstanceUID === instance)
      if (header === undefined) throw new OutpostError('instance-not-found')
      return { bytes: await granted.read(header.entry) }
    },
  }
}

function groups(headers: readonly InstanceHeader[], by: 'StudyInstanceUID' | 'SeriesInstanceUID'): InstanceHeader[][] {
  return [...Map.groupBy(headers, ({ entry }) => entry[by]).values()]
}

function studyJson(members: InstanceHeader[]): DicomJson {
  const modalities = [...new Set(members.map(({ json }) => String(json['00080060']?.Value?.[0] ?? '')))]
    .filter((modality) => modality !== '')
    .sort()
  return {
    ...pick(members[0]?.json ?? {}, STUDY_TAGS),
    '00080061': { vr: 'CS', Value: modalities },
    '00201206': { vr: 'IS', Value: [groups(members, 'SeriesInstanceUID').length] },
    '00201208': { vr: 'IS', Value: [members.length] },
  }
}

function seriesJson(members: InstanceHeader[]): DicomJson {
  return { ...pick(members[0]?.json ?? {}, SERIES_TAGS), '00201209': { vr: 'IS', Value: [members.length] } }
}

function pick(json: DicomJson, tags: readonly string[]): DicomJson {
  return Object.fromEntries(tags.flatMap((tag) => (json[tag] === undefined ? [] : [[tag, json[tag]]])))
}
