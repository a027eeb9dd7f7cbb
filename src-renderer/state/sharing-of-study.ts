/** The draft of a share that begins with one study, and its way through Share and Undo. */
import { useCallback, useReducer, useState } from 'react'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { StudyRow } from '../../src-core/contract/studies.ts'
import { changeDraft, draftToSend, newDraft } from './draft.ts'
import type { DraftDefaults } from './draft.ts'
import { useShare, useUndo } from './sharing.ts'

/**
 * @param also other studies that are shared together with the study
 * @param onShared called after the share was committed
 */
export function useSharingOfStudy(
  study: StudyRow,
  also: readonly Uid[],
  defaults: DraftDefaults,
  onShared: () => void,
) {
  const begin = useCallback(
    () => newDraft(crypto.randomUUID(), [study.StudyInstanceUID, ...also], defaults),
    [study.StudyInstanceUID, also, defaults],
  )
  const [draft, change] = useReducer(changeDraft, undefined, begin)
  const [undone, setUndone] = useState(false)
  const share = useShare()
  const undo = useUndo()
  return {
    draft,
    change,
    share,
    undo,
    /** Whether the person has undone the share of this draft. */
    undone,
    onShare(confirmedPatients?: string): void {
      share.mutate(
        { ...draftToSend(draft), ...(confirmedPatients !== undefined && { confirmedPatients }) },
        {
          onSuccess: () => {
            onShared()
            setUndone(false)
          },
        },
      )
    },
    /** An undone share keeps its draft, with a new id, because the old share is cancelled for good. */
    onUndo(): void {
      undo.mutate(
        { shareId: draft.shareId },
        {
          onSuccess: () => {
            change({ type: 'begin', draft: { ...draft, shareId: crypto.randomUUID() } })
            share.reset()
            setUndone(true)
          },
        },
      )
    },
    onAgain(): void {
      change({ type: 'begin', draft: { ...begin(), selection: draft.selection } })
      share.reset()
      setUndone(false)
    },
  }
}
