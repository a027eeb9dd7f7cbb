/** The frames of a pixel review: which one is shown, and which ones the person has seen. */
import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import type { ReviewImage } from '../../src-core/contract/deidentification.ts'
import { fetchImageAhead } from './own-image.ts'
import type { ReviewTarget } from './pixel-review.ts'

/** Milliseconds between frames while they play. */
const PLAY_MS = 120
const AHEAD = 4

export interface SeenImage {
  readonly SOPInstanceUID: ReviewImage['SOPInstanceUID']
  readonly content: string
  readonly framesSeen: number[]
}

interface ReviewFrame {
  readonly image: ReviewImage
  /** From 1. */
  readonly frame: number
  readonly key: string
  readonly src: string
}

/** Every frame of the images that can be shown. */
function useFrames(
  { StudyInstanceUID, SeriesInstanceUID }: ReviewTarget,
  images: readonly ReviewImage[],
): readonly ReviewFrame[] {
  return useMemo(() => {
    const series = `/dicomweb/studies/${StudyInstanceUID}/series/${SeriesInstanceUID}`
    return images
      .filter((image) => image.code === null)
      .flatMap((image) =>
        Array.from({ length: image.NumberOfFrames }, (_one, index) => ({
          image,
          frame: index + 1,
          key: `${image.SOPInstanceUID} ${index + 1}`,
          src: `${series}/instances/${image.SOPInstanceUID}/frames/${index + 1}/rendered`,
        })),
      )
  }, [images, StudyInstanceUID, SeriesInstanceUID])
}

/** Fetches the next frames early, and shows them one after another while `running` is true. */
function usePlaying(
  frames: readonly ReviewFrame[],
  place: number,
  running: boolean,
  onNext: (place: number) => void,
): void {
  const next = useEffectEvent(() => onNext(place + 1))
  useEffect(() => {
    for (const { src } of frames.slice(place + 1, place + 1 + AHEAD)) fetchImageAhead(src)
  }, [frames, place])
  useEffect(() => {
    if (!running) return
    const timer = setTimeout(() => next(), PLAY_MS)
    return () => clearTimeout(timer)
  }, [running, place, frames.length])
}

export function useFrameReview(target: ReviewTarget, images: readonly ReviewImage[]) {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set())
  const [failed, setFailed] = useState<ReadonlySet<string>>(new Set())
  const [place, setPlace] = useState(0)
  const [playing, setPlaying] = useState(false)
  const frames = useFrames(target, images)
  const current = frames[place]
  const hasFailed = ({ image }: ReviewFrame): boolean => failed.has(image.SOPInstanceUID)
  const shown = current !== undefined && (seen.has(current.key) || hasFailed(current))
  const signable = images.filter((image) => image.code === null && !failed.has(image.SOPInstanceUID))
  const wanted = frames.filter((frame) => !hasFailed(frame))
  const seenCount = wanted.filter(({ key }) => seen.has(key)).length
  // Playing continues only once the present frame is shown.
  usePlaying(frames, place, playing && shown, (next) => (next < frames.length ? setPlace(next) : setPlaying(false)))
  return {
    frames,
    /** Index of the shown frame. */
    place,
    current,
    playing,
    /** Images that can be signed off. */
    signable,
    seenCount,
    wantedCount: wanted.length,
    complete: signable.length > 0 && seenCount === wanted.length,
    hiddenCount: images.filter((image) => image.code !== null || failed.has(image.SOPInstanceUID)).length,
    hasFailed,
    step(by: number): void {
      setPlaying(false)
      setPlace((before) => Math.min(Math.max(before + by, 0), frames.length - 1))
    },
    goTo(next: number): void {
      setPlaying(false)
      setPlace(next)
    },
    togglePlaying: (): void => setPlaying((before) => !before),
    markSeen: ({ key }: ReviewFrame): void => setSeen((before) => new Set(before).add(key)),
    markFailed: ({ image }: ReviewFrame): void => setFailed((before) => new Set(before).add(image.SOPInstanceUID)),
    seenImages: (): SeenImage[] =>
      signable.map((image) => ({
        SOPInstanceUID: image.SOPInstanceUID,
        content: image.content,
        framesSeen: frames.filter((frame) => frame.image === image && seen.has(frame.key)).map(({ frame }) => frame),
      })),
  }
}
