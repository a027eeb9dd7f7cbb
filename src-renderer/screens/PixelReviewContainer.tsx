/**
 * The two dialogs of an anonymized share: the pixel review, and the preview of what is removed. Their data is requested
 * when they open.
 */
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import type { DeidentifyOptions, Selection } from '../../src-core/contract/terms.ts'
import { Dialog } from '../components/Dialog.tsx'
import { DeidentifyPreviewDialog } from '../components/DeidentifyPreviewDialog.tsx'
import { PixelReviewDialog } from '../components/PixelReviewDialog.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useDeidentifyPreview, usePixelReview, useSignOff } from '../state/pixel-review.ts'
import type { ReviewTarget } from '../state/pixel-review.ts'
import { useSession } from '../state/session.ts'

export function PixelReviewContainer({ target, onClose }: { readonly target: ReviewTarget; onClose(): void }) {
  const look = usePixelReview(target)
  const signOff = useSignOff()
  const session = useSession()
  const { t } = useTranslation(['share', 'common'])
  if (look.error !== null)
    return (
      <Dialog opened onClose={onClose} title={t('look.button')}>
        <ErrorMessage code={codeOfFailure(look.error)} />
      </Dialog>
    )
  if (look.data === undefined) return null
  const { StudyInstanceUID, SeriesInstanceUID } = target
  return (
    <PixelReviewDialog
      target={target}
      {...look.data}
      signer={session.data?.staff?.name ?? ''}
      signing={signOff.isPending}
      failure={signOff.error === null ? null : codeOfFailure(signOff.error)}
      onClose={onClose}
      onSignOff={(regions, images) =>
        signOff.mutate({ StudyInstanceUID, SeriesInstanceUID, regions, images }, { onSuccess: onClose })
      }
    />
  )
}

interface DeidentifyForeseenProps {
  readonly selection: Selection
  readonly options: DeidentifyOptions
  onOptions(options: DeidentifyOptions): void
  onClose(): void
}

export function DeidentifyPreviewContainer({ selection, options, onOptions, onClose }: DeidentifyForeseenProps) {
  const preview = useDeidentifyPreview(selection, options, true)
  return (
    <DeidentifyPreviewDialog
      instances={preview.data?.instances ?? []}
      loading={preview.isPending}
      failure={preview.error === null ? null : codeOfFailure(preview.error)}
      options={options}
      onOptions={onOptions}
      onClose={onClose}
    />
  )
}
