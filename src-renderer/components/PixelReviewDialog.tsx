/**
 * The pixel review: a person looks at every frame of a series, draws rectangles where text identifies somebody, and
 * signs off with their name (D5).
 */
import { Button, Group, Switch } from '@mantine/core'
import { useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReviewImage, PixelRegion } from '../../src-core/contract/deidentification.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { formatCount } from '../../src-ui/i18n.ts'
import type { ReviewTarget } from '../state/pixel-review.ts'
import { useFrameReview, type SeenImage } from '../state/frame-review.ts'
import { middleRegion } from '../state/region-geometry.ts'
import { Dialog } from './Dialog.tsx'
import { Icon } from './Icon.tsx'
import { PixelReviewStage } from './PixelReviewStage.tsx'
import styles from './PixelReview.module.css'

interface PixelReviewDialogProps {
  readonly target: ReviewTarget
  readonly images: readonly ReviewImage[]
  readonly proposals: readonly PixelRegion[]
  readonly proposedBy: 'earlier' | 'ultrasound' | 'nothing'
  readonly signer: string
  readonly signing: boolean
  readonly failure: string | null
  onSignOff(regions: PixelRegion[], images: SeenImage[]): void
  onClose(): void
}

export function PixelReviewDialog({
  target,
  images,
  proposals,
  proposedBy,
  signer,
  signing,
  failure,
  onSignOff,
  onClose,
}: PixelReviewDialogProps) {
  const { t } = useTranslation('share')
  const [regions, setRegions] = useState<readonly PixelRegion[]>(proposals)
  const [asSent, setAsSent] = useState(false)
  const review = useFrameReview(target, images)
  const { frames, place, current, signable } = review
  const onKey = (event: KeyboardEvent): void => {
    const by = { PageDown: 1, PageUp: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    review.step(by)
  }
  const add = (): void => {
    if (current === undefined) return
    setRegions([...regions, middleRegion(current.image)])
    requestAnimationFrame(() => document.getElementById(`look-region-${regions.length}`)?.focus())
  }
  const sign = (): void => onSignOff([...regions], review.seenImages())

  return (
    <Dialog
      opened
      onClose={onClose}
      fullScreen
      title={t('look.title', { series: target.series })}
      classNames={{ body: styles.body, content: styles.content }}
      onKeyDown={onKey}
    >
      <div className={styles.work}>
        {current === undefined ? (
          <div className={styles.stage}>
            <ErrorMessage code={images[0]?.code ?? 'no-pixel-data'} />
          </div>
        ) : (
          <PixelReviewStage
            src={current.src}
            label={t('look.frame', { number: place + 1, total: frames.length })}
            size={current.image}
            regions={regions}
            asSent={asSent}
            onRegions={setRegions}
            onShown={() => review.markSeen(current)}
            onFailed={() => review.markFailed(current)}
          />
        )}
        <ReviewSide
          review={review}
          regions={regions}
          proposedBy={proposedBy}
          asSent={asSent}
          onAsSent={setAsSent}
          onAdd={current && add}
          onRegions={setRegions}
        >
          <SignOffFoot
            failure={failure}
            regions={regions.length}
            images={signable.length}
            signer={signer}
            signing={signing}
            onSignOff={review.complete ? sign : undefined}
          />
        </ReviewSide>
      </div>
    </Dialog>
  )
}

interface ReviewSideProps extends RegionListProps {
  readonly review: ReturnType<typeof useFrameReview>
  readonly asSent: boolean
  onAsSent(asSent: boolean): void
  /** The foot with the button that signs off. */
  readonly children: ReactNode
}

function ReviewSide({ review, regions, proposedBy, asSent, onAsSent, onAdd, onRegions, children }: ReviewSideProps) {
  const { t, i18n } = useTranslation('share')
  const { frames, place, current } = review
  const count = (number: number): string => formatCount(number, i18n.language)
  return (
    <aside className={styles.side} aria-label={t('look.side')}>
      <p className={styles.hint}>{t('look.hint')}</p>
      <p className={styles.seen} role="status">
        {t('look.seen', { seen: count(review.seenCount), total: count(review.wantedCount) })}
      </p>
      {frames.length > 1 && (
        <FrameControls
          place={place}
          total={frames.length}
          playing={review.playing}
          onStep={review.step}
          onPlace={review.goTo}
          onPlaying={review.togglePlaying}
        />
      )}
      {current !== undefined && review.hasFailed(current) && (
        <p role="alert" className={styles.problem}>
          {t('look.notShown')}
        </p>
      )}
      {review.hiddenCount > 0 && <p className={styles.problem}>{t('look.hidden', { count: review.hiddenCount })}</p>}
      <RegionList regions={regions} proposedBy={proposedBy} onAdd={onAdd} onRegions={onRegions} />
      <Switch label={t('look.asSent')} checked={asSent} onChange={(event) => onAsSent(event.currentTarget.checked)} />
      {children}
    </aside>
  )
}

interface FrameControlsProps {
  /** Index of the shown frame. */
  readonly place: number
  readonly total: number
  readonly playing: boolean
  onStep(by: number): void
  onPlace(place: number): void
  onPlaying(): void
}

function FrameControls({ place, total, playing, onStep, onPlace, onPlaying }: FrameControlsProps) {
  const { t } = useTranslation('share')
  return (
    <>
      <input
        type="range"
        className={styles.range}
        data-autofocus
        min={1}
        max={total}
        value={place + 1}
        aria-label={t('look.position')}
        aria-valuetext={t('look.frame', { number: place + 1, total })}
        onChange={(event) => onPlace(Number(event.currentTarget.value) - 1)}
      />
      <Group gap="xs" grow>
        <Button variant="default" size="compact-md" onClick={() => onStep(-1)} disabled={place === 0}>
          {t('look.previous')}
        </Button>
        <Button
          variant="default"
          size="compact-md"
          leftSection={<Icon name={playing ? 'pause' : 'play'} size={14} />}
          onClick={onPlaying}
        >
          {t(playing ? 'look.pause' : 'look.play')}
        </Button>
        <Button variant="default" size="compact-md" onClick={() => onStep(1)} disabled={place + 1 >= total}>
          {t('look.next')}
        </Button>
      </Group>
    </>
  )
}

interface RegionListProps {
  readonly regions: readonly PixelRegion[]
  readonly proposedBy: PixelReviewDialogProps['proposedBy']
  /** undefined while no frame is shown. */
  readonly onAdd: (() => void) | undefined
  onRegions(regions: readonly PixelRegion[]): void
}

function RegionList({ regions, proposedBy, onAdd, onRegions }: RegionListProps) {
  const { t } = useTranslation('share')
  return (
    <>
      <div className={styles.head}>
        <h2>{t('look.regions', { count: regions.length })}</h2>
        <Button id="look-add" variant="default" size="compact-sm" onClick={onAdd} disabled={onAdd === undefined}>
          {t('look.add')}
        </Button>
      </div>
      {proposedBy !== 'nothing' && regions.length > 0 && (
        <p className={styles.dimmed}>{t(`look.proposed.${proposedBy}`)}</p>
      )}
      <ul className={styles.list}>
        {regions.map((region, index) => (
          <li key={index}>
            <span>{t('look.regionShort', { number: index + 1, width: region.width, height: region.height })}</span>
            <Button
              variant="subtle"
              size="compact-sm"
              aria-label={t('look.removeRegion', { number: index + 1 })}
              onClick={() => onRegions(regions.filter((_region, at) => at !== index))}
            >
              {t('look.remove')}
            </Button>
          </li>
        ))}
      </ul>
      <p id="look-keys" className={styles.dimmed}>
        {t('look.keys')}
      </p>
    </>
  )
}

interface SignOffFootProps {
  readonly failure: string | null
  /** Number of regions. */
  readonly regions: number
  /** Number of images that are signed off. */
  readonly images: number
  readonly signer: string
  readonly signing: boolean
  /** undefined until every frame was seen. */
  readonly onSignOff: (() => void) | undefined
}

function SignOffFoot({ failure, regions, images, signer, signing, onSignOff }: SignOffFootProps) {
  const { t } = useTranslation('share')
  return (
    <div className={styles.foot}>
      {failure !== null && <ErrorMessage code={failure} />}
      <p className={styles.dimmed}>{t(regions === 0 ? 'look.nothingBlack' : 'look.signer', { name: signer })}</p>
      <Button fullWidth disabled={onSignOff === undefined} loading={signing} onClick={onSignOff}>
        {t('look.signOff', { count: images })}
      </Button>
    </div>
  )
}
