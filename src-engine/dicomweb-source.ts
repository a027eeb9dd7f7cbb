/** The store of instances behind a DICOMweb handler: the library of the workstation, or one grant at the relay. */
import type { InstanceSource } from './imaging.ts'
import type { DicomJson } from '../src-core/dicom/json.ts'

export type { DicomJson }

export interface DicomWebSource {
  /** The levels of QIDO-RS (PS3.18 10.6). The results have only what the caller may see. */
  studies(query: URLSearchParams): Promise<DicomJson[]>
  series(study: string, query: URLSearchParams): Promise<DicomJson[]>
  instances(study: string, series: string | null, query: URLSearchParams): Promise<DicomJson[]>
  /** WADO-RS metadata (PS3.18 10.4), without pixel data and in reading order. */
  metadata(study: string, series: string | null, instance: string | null): Promise<DicomJson[]>
  /** @error instance-not-found */
  instance(study: string, series: string, instance: string): Promise<InstanceSource>
}
