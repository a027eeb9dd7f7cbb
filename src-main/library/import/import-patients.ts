/** The patients of an import as the page shows them, compared with the patients of the library. */
import type { ImportPatient } from '../../../src-core/contract/import.ts'
import type { Selection } from '../../../src-core/contract/terms.ts'
import type { LibraryHost } from '../../ports/host.ts'
import type { IndexReader } from '../../storage/index/index-reader.ts'
import type { Remote } from '../../storage/remote.ts'
import type { Found, FoundPatient } from './import-messages.ts'
import { byLikeness, likeness } from './match-patient.ts'

const MAX_MATCHES = 8

interface PatientsOptions {
  readonly index: Remote<IndexReader>
  readonly host: Pick<LibraryHost, 'now'>
}

/** The patients of the source, each with the similar patients of the library. */
export async function importPatients(found: Found, source: PatientsOptions): Promise<ImportPatient[]> {
  return Promise.all(
    found.patients.map(async (patient, position): Promise<ImportPatient> => {
      const candidates = await source.index.patientsLike(patient.identity.PatientID, patient.identity.PatientBirthDate)
      const matches = candidates
        .flatMap(({ studies, ...identity }) => {
          const like = likeness(patient.identity, identity)
          return like === null ? [] : [{ identity, studies, likeness: like }]
        })
        .sort(byLikeness)
        .slice(0, MAX_MATCHES)
        .map((match, key) => ({ matchKey: String(key), ...match }))
      return {
        patientKey: String(position),
        identity: patient.identity,
        bytes: patient.bytes,
        matches,
        known: await knownInstances(patient, source),
        studies: patient.studies.map(({ SOPInstanceUIDs, ...study }) => ({
          ...study,
          ModalitiesInStudy: [...study.ModalitiesInStudy],
          instances: new Set(SOPInstanceUIDs).size,
        })) as ImportPatient['studies'],
        instances: patient.studies.reduce((sum, study) => sum + new Set(study.SOPInstanceUIDs).size, 0),
        // No question is needed only when every match is certain.
        proposal: matches.every((match) => match.likeness === 'same') ? 'accept' : null,
      }
    }),
  )
}

/** Number of the patient's instances that the library has already. */
async function knownInstances({ studies }: FoundPatient, { index, host }: PatientsOptions): Promise<number> {
  let known = 0
  for (const { StudyInstanceUID, SOPInstanceUIDs } of studies) {
    const selection = { studies: [{ StudyInstanceUID, series: null }], leftOut: [] } as unknown as Selection
    const stored = await index.selected(selection, host.now().getTime()).catch(() => null)
    const inLibrary = new Set(stored?.instances.map((instance) => instance.SOPInstanceUID as string))
    known += [...new Set(SOPInstanceUIDs)].filter((uid) => inLibrary.has(uid)).length
  }
  return known
}
