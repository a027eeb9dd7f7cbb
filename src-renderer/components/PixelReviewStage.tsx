/**
 * One frame with the rectangles that will be blacked out. They are drawn with the mouse, and moved and resized with the
 * mouse or the arrow keys.
 */
import { useRef, useState } from 'react'
import type { KeyboardEvent, PointerEvent, RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { PixelRegion } from '../../src-core/contract/deidentification.ts'
import { movedRegion, regionBetween, sizedRegion } from '../state/region-geometry.ts'
import type { ImageSize } from '../state/region-geometry.ts'
import { useOwnImage } from '../state/own-image.ts'
import styles from './PixelReview.module.css'

interface PixelReviewStageProps {
  readonly src: string
  readonly label: string
  readonly size: ImageSize
  readonly regions: readonly PixelRegion[]
  /** Whether regions are filled, as they will leave, instead of outlined. */
  readonly asSent: boolean
  onRegions(regions: readonly PixelRegion[]): void
  onShown(): void
  onFailed(): void
}

/** Pixels by which an arrow key moves a rectangle; one pixel with Alt. */
const STEP = 8
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

type Drag = {
  readonly kind: 'draw' | 'move' | 'size'
  readonly index: number
  readonly from: { readonly x: number; readonly y: number }
  readonly was: PixelRegion
}

const replaced = (regions: readonly PixelRegion[], index: number, region: PixelRegion): PixelRegion[] =>
  regions.map((before, at) => (at === index ? region : before))

/** Draws, moves and resizes regions with the pointer. `frame` is the element that shows the image. */
function useRegionDrag(
  frame: RefObject<HTMLDivElement | null>,
  size: ImageSize,
  regions: readonly PixelRegion[],
  onRegions: (regions: readonly PixelRegion[]) => void,
) {
  const [drag, setDrag] = useState<Drag | null>(null)
  const at = (event: PointerEvent): { x: number; y: number } => {
    const box = frame.current!.getBoundingClientRect()
    return {
      x: ((event.clientX - box.left) / box.width) * size.Columns,
      y: ((event.clientY - box.top) / box.height) * size.Rows,
    }
  }
  const begin = (event: PointerEvent, kind: Drag['kind'], index: number): void => {
    if (event.button !== 0) return
    event.preventDefault()
    event.stopPropagation()
    const from = at(event)
    frame.current?.setPointerCapture(event.pointerId)
    if (kind === 'draw') {
      setDrag({ kind, index: regions.length, from, was: regionBetween(from, from, size) })
    } else {
      document.getElementById(`look-region-${index}`)?.focus()
      setDrag({ kind, index, from, was: regions[index]! })
    }
  }
  const follow = (event: PointerEvent): void => {
    if (drag === null) return
    const now = at(event)
    const by = { x: now.x - drag.from.x, y: now.y - drag.from.y }
    if (drag.kind !== 'draw')
      return onRegions(
        replaced(regions, drag.index, (drag.kind === 'move' ? movedRegion : sizedRegion)(drag.was, by, size)),
      )
    onRegions([...regions.slice(0, drag.index), regionBetween(drag.from, now, size)])
  }
  const end = (): void => {
    // A click without a movement draws no rectangle.
    if (
      drag?.kind === 'draw' &&
      regions.length > drag.index &&
      (regions[drag.index]!.width < 3 || regions[drag.index]!.height < 3)
    )
      onRegions(regions.slice(0, drag.index))
    setDrag(null)
  }
  return { begin, follow, end }
}

/** The regions after a key press on one of them: moved, resized or removed; null for a key without a meaning. */
function regionsAfterKey(
  event: KeyboardEvent,
  regions: readonly PixelRegion[],
  index: number,
  size: ImageSize,
): PixelRegion[] | null {
  if (event.key === 'Delete' || event.key === 'Backspace') return regions.filter((_region, at) => at !== index)
  const arrow = ARROWS[event.key]
  if (arrow === undefined) return null
  const step = event.altKey ? 1 : STEP
  const by = { x: arrow[0] * step, y: arrow[1] * step }
  return replaced(regions, index, (event.shiftKey ? sizedRegion : movedRegion)(regions[index]!, by, size))
}

export function PixelReviewStage({
  src,
  label,
  size,
  regions,
  asSent,
  onRegions,
  onShown,
  onFailed,
}: PixelReviewStageProps) {
  const { t } = useTranslation('share')
  const frame = useRef<HTMLDivElement>(null)
  const { begin, follow, end } = useRegionDrag(frame, size, regions, onRegions)
  const onKey = (event: KeyboardEvent, index: number): void => {
    const changed = regionsAfterKey(event, regions, index, size)
    if (changed === null) return
    event.preventDefault()
    event.stopPropagation()
    onRegions(changed)
    if (changed.length < regions.length) document.getElementById('look-add')?.focus()
  }
  const url = useOwnImage(src)
  const percent = (part: number, whole: number): string => `${(part / whole) * 100}%`
  return (
    <div className={styles.stage}>
      <div
        ref={frame}
        className={styles.frame}
        style={{
          aspectRatio: `${size.Columns} / ${size.Rows}`,
          width: `min(100cqw, 100cqh * ${size.Columns / size.Rows})`,
        }}
        onPointerDown={(event) => begin(event, 'draw', 0)}
        onPointerMove={follow}
        onPointerUp={end}
        onPointerCancel={end}
      >
        {url !== undefined && (
          <img
            key={src}
            className={styles.image}
            src={url}
            alt={label}
            draggable={false}
            onLoad={onShown}
            onError={onFailed}
          />
        )}
        {regions.map((region, index) => (
          <button
            key={index}
            id={`look-region-${index}`}
            type="button"
            className={styles.region}
            data-sent={asSent}
            aria-label={t('look.region', { number: index + 1, ...region })}
            aria-describedby="look-keys"
            style={{
              left: percent(region.x, size.Columns),
              top: percent(region.y, size.Rows),
              width: percent(region.width, size.Columns),
              height: percent(region.height, size.Rows),
            }}
            onPointerDown={(event) => begin(event, 'move', index)}
            onKeyDown={(event) => onKey(event, index)}
          >
            <span className={styles.corner} onPointerDown={(event) => begin(event, 'size', index)} />
          </button>
        ))}
      </div>
    </div>
  )
}
