/** The section of the share panel in which images are chosen and reviewed, with the dialogs that belong to it. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { SeriesRow, StudyRow } from '../../src-core/contract/studies.ts'
import { formatBytes, formatCount } from '../../src-ui/i18n.ts'
import { ImagesDialog } from '../components/ImagesDialog.tsx'
import { SelectionPicker } from '../components/SelectionPicker.tsx'
import { draftToSend } from '../state/draft.ts'
import type { Draft, DraftDefaults, DraftEvent } from '../state/draft.ts'
import type { DraftDetails } from '../state/draft-details.ts'
import { useInstances } from '../state/library.ts'
import type { ReviewTarget } from '../state/pixel-review.ts'
import { DeidentifyPreviewContainer, PixelReviewContainer } from './PixelReviewContainer.tsx'

interface SelectionSectionProps {
  readonly study: StudyRow
  readonly draft: Draft
  readonly policy: DraftDefaults['policy']
  readonly details: DraftDetails
  change(event: DraftEvent): void
}

interface SeriesOfStudy {
  readonly StudyInstanceUID: Uid
  readonly series: SeriesRow
}

export function SelectionSection({ study, draft, policy, details, change }: SelectionSectionProps) {
  const { review } = details
  const summary = useSummary(draft, details)
  /** The series whose images are being chosen. */
  const [choosing, setChoosing] = useState<SeriesOfStudy | null>(null)
  const [reviewing, setReviewing] = useState<ReviewTarget | null>(null)
  const [previewOpen, setPreviewOpen] = useState(false)
  const terms = (changes: Partial<Draft['terms']>): void => change({ type: 'terms', terms: changes })
  return (
    <>
      <SelectionPicker
        selection={draft.selection}
        studies={details.studies}
        others={details.others}
        summary={summary}
        arriving={review?.arriving ?? false}
        anonymize={draft.terms.anonymize}
        anonymizeFixed={policy.anonymize === 'required'}
        refusals={details.refusals}
        onStudy={(StudyInstanceUID, chosen) => change({ type: 'study', StudyInstanceUID, chosen })}
        onSeries={(StudyInstanceUID, series) => change({ type: 'series', StudyInstanceUID, series })}
        onImages={(StudyInstanceUID, series) => setChoosing({ StudyInstanceUID, series })}
        onLeaveOut={(left) => change({ type: 'leave-out', instances: left })}
        onPutBack={() => change({ type: 'put-back', instances: draft.selection.leftOut })}
        onAnonymize={(anonymize) => terms({ anonymize })}
        signedOff={draft.terms.anonymize ? (review?.signedOff ?? []) : []}
        onPreview={() => setPreviewOpen(true)}
        onReview={(StudyInstanceUID, SeriesInstanceUID, SOPInstanceUIDs) =>
          setReviewing({
            StudyInstanceUID,
            SeriesInstanceUID,
            SOPInstanceUIDs,
            series: seriesName(details.allSeries, SeriesInstanceUID),
          })
        }
      />
      {reviewing !== null && <PixelReviewContainer target={reviewing} onClose={() => setReviewing(null)} />}
      {previewOpen && (
        <DeidentifyPreviewContainer
          selection={draftToSend(draft).selection}
          options={draft.terms.deidentify ?? []}
          onOptions={(deidentify) => terms({ deidentify })}
          onClose={() => setPreviewOpen(false)}
        />
      )}
      <ImagesOfSeries
        study={study}
        draft={draft}
        choosing={choosing}
        change={change}
        onClose={() => setChoosing(null)}
      />
    </>
  )
}

interface ImagesOfSeriesProps extends Pick<SelectionSectionProps, 'study' | 'draft' | 'change'> {
  /** null: the dialog is closed. */
  readonly choosing: SeriesOfStudy | null
  onClose(): void
}

function ImagesOfSeries({ study, draft, choosing, change, onClose }: ImagesOfSeriesProps) {
  const instances = useInstances(
    choosing?.StudyInstanceUID ?? study.StudyInstanceUID,
    choosing?.series.SeriesInstanceUID ?? ('' as Uid),
    choosing !== null,
  )
  return (
    <ImagesDialog
      StudyInstanceUID={choosing?.StudyInstanceUID ?? study.StudyInstanceUID}
      series={choosing?.series ?? null}
      instances={instances.data ?? []}
      leftOut={new Set(draft.selection.leftOut)}
      onLeaveOut={(left) => change({ type: 'leave-out', instances: left })}
      onPutBack={(back) => change({ type: 'put-back', instances: back })}
      onClose={onClose}
    />
  )
}

/** Numbers of studies, series and images of the draft, and their size. */
function useSummary(draft: Draft, { review }: DraftDetails): string {
  const { t, i18n } = useTranslation(['share', 'common'])
  return review === undefined
    ? t('what.studies', { count: draft.selection.studies.length })
    : t('what.summary', {
        studies: t('what.studies', { count: review.studies }),
        series: t('series', { ns: 'common', count: review.series }),
        images: t('images', {
          ns: 'common',
          count: review.instances,
          replace: { count: formatCount(review.instances, i18n.language) },
        }),
        size: formatBytes(review.bytes, i18n.language),
      })
}

/** A series by its number and description. */
function seriesName(all: readonly SeriesRow[], SeriesInstanceUID: Uid): string {
  const series = all.find((row) => row.SeriesInstanceUID === SeriesInstanceUID)
  return series === undefined
    ? ''
    : [series.SeriesNumber, series.SeriesDescription || series.Modality].filter((part) => part !== null).join(' · ')
}
