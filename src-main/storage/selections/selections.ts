/**
 * Answers questions about a selection in the storage worker, beside the index. Of 20,000 selected instances only names,
 * numbers and refusals are sent to the main thread, and a share is committed without sending any instance.
 */
import { createHash } from 'node:crypto'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import type { Refusal, SignedOff } from '../../../src-core/contract/deidentification.ts'
import type { Selection } from '../../../src-core/contract/terms.ts'
import type { GateOptions } from '../../../src-core/deidentify/gate.ts'
import type { StatedPatient } from '../../../src-core/patient/patient-key.ts'
import { patientsOf, statedIdentities } from '../../../src-core/patient/patients-of.ts'
import type { ConfirmationInput } from '../../../src-core/sharing/confirmation.ts'
import { examLines, type ExamLine } from '../../../src-core/sharing/notice.ts'
import type { OutboxItem } from '../../../src-core/sharing/outbox.ts'
import type { NewShare } from '../ledger/share-ledger.ts'
import type { FileState, SignOff } from '../ledger/sign-offs.ts'
import { gateFindings, signedOffOf, type GateFinding } from './gate-findings.ts'
import type { SelectedInstance, ShareHead } from '../../ports/records.ts'

export interface SelectionReview {
  readonly patients: StatedPatient[]
  /** A digest of exactly these patients (W15). */
  readonly patientsShown: string
  readonly studies: number
  readonly series: number
  readonly instances: number
  readonly bytes: number
  readonly refusals: Refusal[]
  readonly signedOff: SignedOff[]
  readonly arriving: boolean
}

/** How a selection leaves: the gate of an anonymized share; null when it leaves unchanged. */
export type Gate = GateOptions | null

export interface SelectionCommit {
  readonly selection: Selection
  readonly gate: Gate
  /** The review's patientsShown that a person confirmed. */
  readonly confirmedPatients: string | undefined
  readonly share: Omit<NewShare, 'record'> & { readonly head: Omit<ShareHead, 'packageId'> }
}

/** The confirmation's data about a committed selection. */
export type Committed = Pick<ConfirmationInput, 'patients' | 'studies'> & { readonly item: OutboxItem }

interface SelectionParts {
  readonly index: {
    selected(selection: Selection, nowMs: number): { instances: SelectedInstance[]; arriving: boolean }
  }
  readonly signOffs: { of(states: readonly FileState[]): (SignOff | null)[] }
  readonly ledger: { commit(share: NewShare): OutboxItem }
}

export class Selections {
  readonly #parts: SelectionParts

  constructor(parts: SelectionParts) {
    this.#parts = parts
  }

  /** @error study-not-found, series-not-found, empty-selection */
  review(selection: Selection, gate: Gate, nowMs: number): SelectionReview {
    const { instances, arriving } = this.#parts.index.selected(selection, nowMs)
    const judgements = this.#gateFindings(instances, gate)
    const distinct = (key: (instance: SelectedInstance) => string): number => new Set(instances.map(key)).size
    return {
      patients: patientsOf(instances),
      patientsShown: patientsShown(instances),
      studies: distinct(({ StudyInstanceUID }) => StudyInstanceUID),
      series: distinct(({ SeriesInstanceUID }) => SeriesInstanceUID),
      instances: instances.length,
      bytes: instances.reduce((sum, { size }) => sum + size, 0),
      refusals: refusalsOf(judgements),
      signedOff: signedOffOf(judgements),
      arriving,
    }
  }

  /** The exams as a mail lists them. @error study-not-found, series-not-found, empty-selection */
  exams(selection: Selection, anonymize: boolean, nowMs: number): ExamLine[] {
    return examLines(this.#parts.index.selected(selection, nowMs).instances, anonymize)
  }

  /**
   * Commits a share of the instances that the selection has now.
   * @error empty-selection; several-patients unless exactly these were confirmed; the codes of reviewRequired; what
   * ShareLedger.commit throws
   */
  commit({ selection, gate, confirmedPatients, share }: SelectionCommit, nowMs: number): Committed {
    const { instances } = this.#parts.index.selected(selection, nowMs)
    if (instances.length === 0) throw new OutpostError('empty-selection')
    const patients = patientsOf(instances)
    if (patients.length > 1 && confirmedPatients !== patientsShown(instances))
      throw new OutpostError('several-patients', { patients: patients.length })
    const refusals = refusalsOf(this.#gateFindings(instances, gate))
    if (refusals[0]) throw new OutpostError(refusals[0].code as OutpostError['code'], { instances: refusals.length })
    const { head, ...rest } = share
    const item = this.#parts.ledger.commit({ ...rest, record: { ...head, instances } })
    return { item, patients, studies: studiesOf(instances) }
  }

  #gateFindings(instances: readonly SelectedInstance[], gate: Gate): GateFinding[] {
    return gate === null ? [] : gateFindings(instances, gate, (states) => this.#parts.signOffs.of(states))
  }
}

function studiesOf(instances: readonly SelectedInstance[]): ConfirmationInput['studies'] {
  const studies = Map.groupBy(instances, ({ StudyInstanceUID }) => StudyInstanceUID)
  return [...studies.values()].map((study) => ({
    StudyDescription: study[0]?.StudyDescription ?? '',
    StudyDate: study[0]?.StudyDate ?? '',
    Modality: study[0]?.Modality ?? '',
    instances: study.length,
  }))
}

/**
 * W15: a digest of every identity that these instances state. A confirmation therefore holds only for the patients that
 * were shown; an image of another patient that arrives later changes the digest.
 */
function patientsShown(instances: readonly SelectedInstance[]): string {
  const identities = [...statedIdentities(instances).keys()].toSorted()
  return createHash('sha256').update(JSON.stringify(identities)).digest('hex')
}

/** D5, D6: the instances that cannot leave de-identified as they are and were not signed off. */
function refusalsOf(judgements: readonly GateFinding[]): Refusal[] {
  return judgements
    .filter(({ signOff }) => signOff === null)
    .map(({ instance: { SOPInstanceUID, SeriesInstanceUID, StudyInstanceUID }, code }) => ({
      SOPInstanceUID,
      SeriesInstanceUID,
      StudyInstanceUID,
      code,
    }))
}
