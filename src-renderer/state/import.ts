/** The one import at a time: from choosing the source to the last file in the library. */
import { skipToken, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ImportChoice, ImportPatient } from '../../src-core/contract/import.ts'
import { api, queryClient } from './client.ts'

/** The person's choice for each patient, by its key; undefined where a choice is still missing. */
export type Choices = Readonly<Record<string, ImportChoice | undefined>>

/** The proposals, replaced by the person's choices where there are any. */
export function choicesOf(patients: readonly ImportPatient[], chosen: Choices): Choices {
  return Object.fromEntries(
    patients.map(({ patientKey, proposal }) => [
      patientKey,
      chosen[patientKey] ?? (proposal === null ? undefined : { patientKey, choice: proposal }),
    ]),
  )
}

export function useImport() {
  const [importId, setImportId] = useState<string | null>(null)
  const state = useQuery(api.library.importState.queryOptions({ input: importId === null ? skipToken : { importId } }))
  const refresh = (): void => void queryClient.invalidateQueries({ queryKey: api.library.importState.key() })
  const scan = useMutation(
    api.library.importScan.mutationOptions({ onSuccess: (started) => setImportId(started.importId) }),
  )
  const start = useMutation(api.library.importStart.mutationOptions({ onSuccess: refresh }))
  const cancel = useMutation(api.library.importCancel.mutationOptions({ onSuccess: refresh }))
  const forget = (): void => {
    setImportId(null)
    for (const mutation of [scan, start, cancel]) mutation.reset()
  }
  return {
    importId,
    state: importId === null ? undefined : state.data,
    failure: scan.error ?? start.error ?? state.error,
    scan,
    start,
    cancel,
    forget,
  }
}
