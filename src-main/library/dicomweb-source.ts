/** Answers of QIDO-RS and WADO-RS from the index, and from the headers of files. */
import type { DicomWebSource } from '../../src-engine/dicomweb-source.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DicomJson } from '../../src-core/dicom/json.ts'
import type { SelectedInstance } from '../ports/records.ts'
import type { IndexReader } from '../storage/index/index-reader.ts'
import type { Remote } from '../storage/remote.ts'
import { instanceAttributes, instanceMetadata, seriesAttributes, studyAttributes } from './dicomweb-answers.ts'
import { matched, studyQueryOf } from './qido-query.ts'

/** Number of headers that are read at the same time for the metadata of many instances. */
const METADATA_AT_ONCE = 8

/** @param nowMs returns ms since 1970 */
export function dicomWebSource(index: Remote<IndexReader>, nowMs: () => number): DicomWebSource {
  /** @error instance-not-found */
  async function locate(study: string, series: string | null, instance: string): Promise<SelectedInstance> {
    const selected = await index.place(study, series, instance)
    if (!selected) throw new OutpostError('instance-not-found')
    return selected
  }

  async function selectAll(study: string, series: string | null): Promise<SelectedInstance[]> {
    const chosen = {
      StudyInstanceUID: study as SelectedInstance['StudyInstanceUID'],
      series: series === null ? null : [series as SelectedInstance['SeriesInstanceUID']],
    }
    return (await index.selected({ studies: [chosen], leftOut: [] }, nowMs())).instances
  }

  return {
    async studies(query) {
      const uid = matched(query, 'StudyInstanceUID')
      const studyQuery = studyQueryOf(query)
      if (!uid) return (await index.list(studyQuery, nowMs())).rows.map((row) => studyAttributes(row, studyQuery))
      const studies = await Promise.all(
        uid.split(/[,\\]/).map((StudyInstanceUID) => index.study(StudyInstanceUID, nowMs()).catch(() => null)),
      )
      return studies.filter((answer) => answer !== null).map(({ study }) => studyAttributes(study, studyQuery))
    },
    async series(study) {
      return (await index.study(study, nowMs())).series.map((row) => seriesAttributes(study, row))
    },
    async instances(study, series) {
      const wanted =
        series === null
          ? (await index.study(study, nowMs())).series.map((row) => row.SeriesInstanceUID as string)
          : [series]
      const rows: DicomJson[] = []
      for (const uid of wanted)
        rows.push(...(await index.instances(study, uid)).map((row) => instanceAttributes(study, uid, row)))
      return rows
    },
    async metadata(study, series, instance) {
      const selected = instance === null ? await selectAll(study, series) : [await locate(study, series, instance)]
      const rows: DicomJson[] = []
      for (let at = 0; at < selected.length; at += METADATA_AT_ONCE)
        rows.push(...(await Promise.all(selected.slice(at, at + METADATA_AT_ONCE).map(instanceMetadata))))
      return rows
    },
    async instance(study, series, instance) {
      return { path: (await locate(study, series, instance)).path }
    },
  }
}
