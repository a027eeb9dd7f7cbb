/** What the share panel derives from a draft: its review, patients, studies, refusals and missing entries. */
import { useMemo, useState } from 'react'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import type { Draft, DraftDefaults } from './draft.ts'
import { missingOf } from './draft.ts'
import { useStudies, useStudiesOfPatient } from './library.ts'
import { patientsOfStudy } from './patients.ts'
import { useRefusalGroups } from './refusals.ts'
import { useReview } from './sharing.ts'
import { dayOf, validityFits } from './validity-day.ts'

export type DraftDetails = ReturnType<typeof useDraftDetails>

export function useDraftDetails(study: StudyRow, draft: Draft, policy: DraftDefaults['policy']) {
  const { data: review } = useReview(draft.selection, draft.terms.anonymize, draft.terms.deidentify)
  const uids = useMemo(
    () => draft.selection.studies.map(({ StudyInstanceUID }) => StudyInstanceUID),
    [draft.selection.studies],
  )
  const studies = useStudies(uids)
    .map((query) => query.data)
    .filter((data) => data !== undefined)
  const allSeries = studies.flatMap(({ series }) => series)
  const refusals = useRefusalGroups(draft.terms.anonymize ? (review?.refusals ?? []) : [], allSeries)
  const [today] = useState(() => dayOf(new Date()))
  const fits = validityFits(draft.terms.validity, policy.validity.maximum, policy.validity.unlimitedOffered, today)
  const patients = review?.patients ?? patientsOfStudy(study)
  // The patient whose images are shared. Studies of another patient are never offered beside these.
  const [patient, ...more] = patients
  const { StudyInstanceUID } = study
  const others = useStudiesOfPatient(
    patient !== undefined && more.length === 0 ? { ...patient, StudyInstanceUID } : undefined,
  ).filter((other) => other.StudyInstanceUID !== StudyInstanceUID)
  return { review, studies, allSeries, refusals, today, missing: missingOf(draft, review, fits), patients, others }
}
