/**
 * A viewer of one series, fed by DICOMweb alone. Any number may stand side by side: each has its own controller.
 * Keys while it has the focus: arrows, Page, Home, End, 1–9 windows, + and −, I, R, T, M, Space.
 */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../components/ErrorMessage.tsx'
import { EmptyState } from '../components/EmptyState.tsx'
import { actOnKey, listenToGestures, type DragTool } from './gestures.ts'
import { InstanceContent } from './InstanceContent.tsx'
import type { SeriesAddress } from './dicomweb-frames.ts'
import { StackController, type ViewerSnapshot } from './stack-controller.ts'
import { ViewerOverlay } from './ViewerOverlay.tsx'
import { ViewerToolbar } from './ViewerToolbar.tsx'
import styles from './viewer.module.css'

export interface StackViewerProps {
  /** For example /dicomweb, without a slash at its end. */
  readonly dicomwebRoot: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  /** From 0, in reading order. */
  readonly initialIndex?: number
  readonly onIndexChange?: (index: number, SOPInstanceUID: string) => void
  /** Marked instances; with onKeyImage the star is offered. */
  readonly keyImages?: ReadonlySet<string>
  readonly onKeyImage?: (image: { SOPInstanceUID: string; frame: number }) => void
  /** Takes the keys at once. */
  readonly autoFocus?: boolean
  /** Memory for stored values. */
  readonly limitBytes?: number
}

const LIMIT_BYTES = 384 * 1024 * 1024

/** Another series is another viewer: the key starts everything anew. */
export function StackViewer(props: StackViewerProps) {
  return <SeriesViewer key={`${props.dicomwebRoot} ${props.StudyInstanceUID} ${props.SeriesInstanceUID}`} {...props} />
}

function SeriesViewer(props: StackViewerProps) {
  const controller = useController(props)
  return controller ? <ViewerScreen {...props} controller={controller} /> : <div className={styles.viewer} />
}

/** Made in an effect, so that what is fetched is also let go of. */
function useController({
  dicomwebRoot,
  StudyInstanceUID,
  SeriesInstanceUID,
  initialIndex = 0,
  limitBytes = LIMIT_BYTES,
}: StackViewerProps): StackController | null {
  const [controller, setController] = useState<StackController | null>(null)
  const start = useRef({ initialIndex, limitBytes })
  useEffect(() => {
    const made = new StackController({ dicomwebRoot, StudyInstanceUID, SeriesInstanceUID, ...start.current })
    setController(made)
    return () => made.close()
  }, [dicomwebRoot, StudyInstanceUID, SeriesInstanceUID])
  return controller
}

function ViewerScreen(props: StackViewerProps & { readonly controller: StackController }) {
  const { controller, onIndexChange, keyImages, onKeyImage, autoFocus } = props
  const { t } = useTranslation('viewer')
  const snapshot = useSyncExternalStore(controller.subscribe, controller.snapshot)
  // A finger scrolls; a mouse has a wheel for that.
  const [tool, setTool] = useState<DragTool>(() => (matchMedia('(pointer: coarse)').matches ? 'scroll' : 'window'))
  const toolNow = useRef(tool)
  useEffect(() => {
    toolNow.current = tool
  }, [tool])
  const viewer = useRef<HTMLDivElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const { stack, frame, index } = snapshot
  const SOPInstanceUID = frame?.SOPInstanceUID
  const hasImages = stack === null || stack.frames.length > 0

  useEffect(() => {
    if (!hasImages || !canvas.current || !stage.current) return
    const detach = controller.attach(canvas.current)
    const deafen = listenToGestures(stage.current, controller, () => toolNow.current)
    return () => {
      deafen()
      detach()
    }
  }, [controller, hasImages])
  useEffect(() => {
    if (autoFocus) viewer.current?.focus()
  }, [autoFocus])
  useEffect(() => {
    if (SOPInstanceUID) onIndexChange?.(index, SOPInstanceUID)
  }, [index, SOPInstanceUID, onIndexChange])

  const mark =
    frame && onKeyImage
      ? {
          marked: keyImages?.has(frame.SOPInstanceUID) ?? false,
          toggle: () => onKeyImage({ SOPInstanceUID: frame.SOPInstanceUID, frame: frame.frame }),
        }
      : undefined
  return (
    <div
      ref={viewer}
      className={styles.viewer}
      role="group"
      aria-label={t('label')}
      tabIndex={0}
      onKeyDown={(event) => {
        // Buttons and lists keep their own keys.
        if (
          event.target instanceof HTMLElement &&
          event.target.closest('button, select, a, input') &&
          (event.key === ' ' || event.key === 'Enter' || event.target.tagName === 'SELECT')
        )
          return
        if (actOnKey(event, controller)) event.preventDefault()
      }}
    >
      {hasImages && (
        <ViewerToolbar controller={controller} snapshot={snapshot} tool={tool} onTool={setTool} keyImage={mark} />
      )}
      {hasImages && (
        <div ref={stage} className={styles.stage} onPointerDown={() => viewer.current?.focus({ preventScroll: true })}>
          <canvas ref={canvas} className={styles.canvas} role="img" aria-label={imageLabel(snapshot, t)} />
          <ViewerOverlay snapshot={snapshot} />
          <StageMessage snapshot={snapshot} address={props} onRetry={() => controller.retry()} />
        </div>
      )}
      {stack && stack.documents.length > 0 && (
        <div className={styles.documents} tabIndex={0} role="group" aria-label={t('report.title')}>
          {stack.documents.map((document) => (
            <InstanceContent
              key={document.SOPInstanceUID}
              address={props}
              SOPInstanceUID={document.SOPInstanceUID}
              label={t('report.title')}
            />
          ))}
        </div>
      )}
      {stack && !hasImages && stack.documents.length === 0 && <EmptyState title={t('noImages')} />}
    </div>
  )
}

type ViewerText = ReturnType<typeof useTranslation<'viewer'>>['t']

function imageLabel(snapshot: ViewerSnapshot, t: ViewerText): string {
  const { stack, frame, index } = snapshot
  if (!stack || !frame) return t('loading')
  const place = { index: index + 1, total: stack.frames.length }
  return frame.frames > 1 ? t('imageFrame', { ...place, frame: frame.frame, frames: frame.frames }) : t('image', place)
}

function StageMessage({
  snapshot,
  address,
  onRetry,
}: {
  readonly snapshot: ViewerSnapshot
  readonly address: SeriesAddress
  readonly onRetry: () => void
}) {
  // A video may be large: it is fetched when it is wanted.
  const [wanted, setWanted] = useState<string | null>(null)
  const { t } = useTranslation(['viewer', 'common'])
  const code = snapshot.code ?? snapshot.frameCode
  const SOPInstanceUID = snapshot.frame?.SOPInstanceUID
  if (code === 'video' && SOPInstanceUID) {
    return (
      <div className={styles.message} onPointerDown={(event) => event.stopPropagation()}>
        {wanted === SOPInstanceUID ? (
          <InstanceContent address={address} SOPInstanceUID={SOPInstanceUID} label={t('video')} />
        ) : (
          <ErrorMessage
            code={code}
            action={
              <button type="button" className={styles.action} onClick={() => setWanted(SOPInstanceUID)}>
                {t('prepareVideo')}
              </button>
            }
          />
        )}
      </div>
    )
  }
  if (code) {
    const again = code === 'offline' || code === 'decode-timeout' || snapshot.code
    return (
      <div className={styles.message} onPointerDown={(event) => event.stopPropagation()}>
        <ErrorMessage
          code={code}
          action={
            again && (
              <button type="button" className={styles.action} onClick={onRetry}>
                {t('tryAgain', { ns: 'common' })}
              </button>
            )
          }
        />
      </div>
    )
  }
  if (!snapshot.stack)
    return (
      <p role="status" className={styles.status}>
        {t('loading')}
      </p>
    )
  if (snapshot.frameState === 'loading')
    return <p className={styles.status}>{t('loadingImage', { index: snapshot.index + 1 })}</p>
  return null
}
