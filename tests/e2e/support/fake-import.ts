/** Imports an invented disc: it is found after a moment and copied after another. */
import type { ImportState } from '../../../src-core/contract/import.ts'
import type { Uid } from '../../../src-core/contract/identifiers.ts'
import type { FakeState } from './fake-state.ts'

const IMPORT = '7d1a0f8e-6f0e-4c0a-9d54-2f8a3c1b0e11'
const uid = (text: string) => text as Uid

function found(): ImportState['patients'] {
  const firstPatient = {
    PatientName: 'SAMPLE^Iris',
    PatientID: 'D-1001',
    IssuerOfPatientID: '',
    PatientBirthDate: '19740302',
    PatientSex: 'F',
  }
  const secondPatient = {
    PatientName: 'SPECIMEN^Otto',
    PatientID: 'D-2002',
    IssuerOfPatientID: '',
    PatientBirthDate: '19511120',
    PatientSex: 'M',
  }
  return [
    {
      patientKey: '0',
      identity: firstPatient,
      instances: 240,
      bytes: 126_000_000,
      known: 0,
      proposal: null,
      studies: [
        {
          StudyInstanceUID: uid('2.25.7001'),
          StudyDate: '20260412',
          StudyDescription: 'CT Thorax',
          ModalitiesInStudy: ['CT'],
          instances: 240,
        },
      ],
      matches: [
        {
          matchKey: '0',
          identity: { ...firstPatient, PatientName: 'SAMPLE^Iris Maria', PatientID: 'P-0007' },
          studies: 3,
          likeness: 'similar',
        },
        {
          matchKey: '1',
          identity: { ...firstPatient, PatientName: 'EXAMPLE^Irene', PatientBirthDate: '19330101' },
          studies: 1,
          likeness: 'same-id',
        },
      ],
    },
    {
      patientKey: '1',
      identity: secondPatient,
      instances: 2,
      bytes: 17_000_000,
      known: 2,
      proposal: 'accept',
      matches: [],
      studies: [
        {
          StudyInstanceUID: uid('2.25.7002'),
          StudyDate: '20260101',
          StudyDescription: 'XR Hand',
          ModalitiesInStudy: ['CR'],
          instances: 2,
        },
      ],
    },
  ]
}

/** @param tell is called after every change */
export function fakeImport(state: FakeState) {
  let current: ImportState = {
    importId: IMPORT,
    name: '',
    phase: 'cancelled',
    reason: null,
    progress: null,
    patients: [],
    skipped: 0,
    missing: 0,
  }
  const become = (next: Partial<ImportState>): void => {
    current = { ...current, ...next }
    state.emit({ type: 'folders' })
  }
  const later = (wait: number, from: ImportState['phase'], next: Partial<ImportState>): void => {
    setTimeout(() => {
      if (current.phase === from) become(next)
    }, wait)
  }
  return {
    scan(name: string) {
      become({
        name,
        phase: 'scanning',
        reason: null,
        progress: { done: 120, total: 245, bytes: 0, bytesTotal: null },
        patients: [],
      })
      later(
        400,
        'scanning',
        name === 'empty.zip'
          ? { phase: 'failed', reason: 'import-nothing-found', progress: null }
          : { phase: 'ready', progress: null, patients: found(), skipped: 3, missing: 2 },
      )
      return { importId: IMPORT }
    },
    state: () => current,
    start() {
      become({ phase: 'copying', progress: { done: 100, total: 242, bytes: 60_000_000, bytesTotal: 143_000_000 } })
      later(400, 'copying', { phase: 'done', progress: null })
    },
    cancel: () => become({ phase: 'cancelled', progress: null }),
  }
}
