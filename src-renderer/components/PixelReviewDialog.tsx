/**
 * The pixel review: a person looks at every frame of a series, draws rectangles where text identifies somebody, and
 * signs off with their name (D5).
 */
import { Button, Group, Switch } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReviewImage, PixelRegion } from '../../src-core/contract/deidentification.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { formatCount } from '../../src-ui/i18n.ts'
import type { LookTarget } from '../state/pixel-review.ts'
import { fetchImageAhead } from '../state/own-image.ts'
import { middleRegion } from '../state/region-geometry.ts'
import { Dialog } from './Dialog.tsx'
import { Icon } from './Icon.tsx'
import { PixelReviewStage } from './PixelReviewStage.tsx'
import styles from './PixelReview.module.css'

export interface SeenImage {
  readonly SOPInstanceUID: ReviewImage['SOPInstanceUID']
  readonly content: string
  readonly framesSeen: number[]
}

interface LookDialogProps {
  readonly target: LookTarget
  readonly images: readonly ReviewImage[]
  readonly proposals: readonly PixelRegion[]
  readonly proposedBy: 'earlier' | 'ultrasound' | 'nothing'
  readonly signer: string
  readonly signing: boolean
  readonly failure: string | null
  onSignOff(regions: PixelRegion[], images: SeenImage[]): void
  onClose(): void
}

/** Milliseconds between frames while they play. */
const PLAY_MS = 120
const AHEAD = 4

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
}: LookDialogProps) {
  const { t, i18n } = useTranslation(['share', 'common', 'errors'])
  const [regions, setRegions] = useState<readonly PixelRegion[]>(proposals)
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set())
  const [failed, setFailed] = useState<ReadonlySet<string>>(new Set())
  const [place, setPlace] = useState(0)
  const [playing, setPlaying] = useState(false)
  const [asSent, setAsSent] = useState(false)
  const frames = useMemo(
    () =>
      images
        .filter((image) => image.code === null)
        .flatMap((image) =>
          Array.from({ length: image.NumberOfFrames }, (_one, index) => ({
            image,
            frame: index + 1,
            key: `${image.SOPInstanceUID} ${index + 1}`,
            src: `/dicomweb/studies/${target.StudyInstanceUID}/series/${target.SeriesInstanceUID}/instances/${image.SOPInstanceUID}/frames/${index + 1}/rendered`,
          })),
        ),
    [images, target],
  )
  const current = frames[place]
  const shown = current !== undefined && (seen.has(current.key) || failed.has(current.image.SOPInstanceUID))
  const signable = images.filter((image) => image.code === null && !failed.has(image.SOPInstanceUID))
  const wanted = frames.filter((one) => !failed.has(one.image.SOPInstanceUID))
  const seenCount = wanted.filter((one) => seen.has(one.key)).length
  const complete = signable.length > 0 && seenCount === wanted.length
  const hidden = images.filter((image) => image.code !== null || failed.has(image.SOPInstanceUID)).length

  useEffect(() => {
    // The next frames are fetched early, so that stepping through them does not wait.
    for (const { src } of frames.slice(place + 1, place + 1 + AHEAD)) fetchImageAhead(src)
  }, [frames, place])
  useEffect(() => {
    // Playing continues only once the present frame is shown.
    if (!playing || !shown) return
    const timer = setTimeout(() => (place + 1 < frames.length ? setPlace(place + 1) : setPlaying(false)), PLAY_MS)
    return () => clearTimeout(timer)
  }, [playing, shown, place, frames.length])

  const step = (by: number): void => {
    setPlaying(false)
    setPlace((at) => Math.min(Math.max(at + by, 0), frames.length - 1))
  }
  const onKey = (event: KeyboardEvent): void => {
    const by = { PageDown: 1, PageUp: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    step(by)
  }
  const add = (): void => {
    if (current === undefined) return
    setRegions([...regions, middleRegion(current.image)])
    requestAnimationFrame(() => document.getElementById(`look-region-${regions.length}`)?.focus())
  }
  const sign = (): void =>
    onSignOff(
      [...regions],
      signable.map((image) => ({
        SOPInstanceUID: image.SOPInstanceUID,
        content: image.content,
        framesSeen: frames.filter((one) => one.image === image && seen.has(one.key)).map((one) => one.frame),
      })),
    )
  const count = (number: number): string => formatCount(number, i18n.language)

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
            onShown={() => setSeen((before) => new Set(before).add(current.key))}
            onFailed={() => setFailed((before) => new Set(before).add(current.image.SOPInstanceUID))}
          />
        )}
        <aside className={styles.side} aria-label={t('look.side')}>
          <p className={styles.hint}>{t('look.hint')}</p>
          <p className={styles.seen} role="status">
            {t('look.seen', { seen: count(seenCount), total: count(wanted.length) })}
          </p>
          {frames.length > 1 && (
            <>
              <input
                type="range"
                className={styles.range}
                data-autofocus
                min={1}
                max={frames.length}
                value={place + 1}
                aria-label={t('look.position')}
                aria-valuetext={t('look.frame', { number: place + 1, total: frames.length })}
                onChange={(event) => {
                  setPlaying(false)
                  setPlace(Number(event.currentTarget.value) - 1)
                }}
              />
              <Group gap="xs" grow>
                <Button variant="default" size="compact-md" onClick={() => step(-1)} disabled={place === 0}>
                  {t('look.previous')}
                </Button>
                <Button
                  variant="default"
                  size="compact-md"
                  leftSection={<Icon name={playing ? 'pause' : 'play'} size={14} />}
                  onClick={() => setPlaying((on) => !on)}
                >
                  {t(playing ? 'look.pause' : 'look.play')}
                </Button>
                <Button
                  variant="default"
                  size="compact-md"
                  onClick={() => step(1)}
                  disabled={place + 1 >= frames.length}
                >
                  {t('look.next')}
                </Button>
              </Group>
            </>
          )}
          {current !== undefined && failed.has(current.image.SOPInstanceUID) && (
            <p role="alert" className={styles.problem}>
              {t('look.notShown')}
            </p>
          )}
          {hidden > 0 && <p className={styles.problem}>{t('look.hidden', { count: hidden })}</p>}
          <div className={styles.head}>
            <h2>{t('look.regions', { count: regions.length })}</h2>
            <Button id="look-add" variant="default" size="compact-sm" onClick={add} disabled={current === undefined}>
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
                  onClick={() => setRegions(regions.filter((_one, at) => at !== index))}
                >
                  {t('look.remove')}
                </Button>
              </li>
            ))}
          </ul>
          <p id="look-keys" className={styles.dimmed}>
            {t('look.keys')}
          </p>
          <Switch
            label={t('look.asSent')}
            checked={asSent}
            onChange={(event) => setAsSent(event.currentTarget.checked)}
          />
          <div className={styles.foot}>
            {failure !== null && <ErrorMessage code={failure} />}
            <p className={styles.dimmed}>
              {t(regions.length === 0 ? 'look.nothingBlack' : 'look.signer', { name: signer })}
            </p>
            <Button fullWidth disabled={!complete} loading={signing} onClick={sign}>
              {t('look.signOff', { count: signable.length })}
            </Button>
          </div>
        </aside>
      </div>
    </Dialog>
  )
}
