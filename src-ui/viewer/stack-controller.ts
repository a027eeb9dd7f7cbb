/** The state of one viewer, outside React: the shown frame, how it is shown, and the canvas. Viewers share no state. */
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import {
  fetchMetadata,
  fetchPicture,
  fetchStoredFrame,
  isShownHere,
  type LoadedFrame,
  type SeriesAddress,
} from './dicomweb-frames.ts'
import { FrameCache } from './frame-cache.ts'
import type { LookupTable } from '../../src-core/dicom/pixels/lookup-table.ts'
import type { VoiWindow } from './gray-table.ts'
import { fullWindow, paintFrame } from './paint-frame.ts'
import { presetsFor, type PresetName } from './presets.ts'
import { stackOf, type SeriesStack, type StackFrame } from './series-stack.ts'
import {
  displaySize,
  edgeLetters,
  fitScale,
  FITTED,
  mirroredOnScreen,
  panned,
  scaleBar,
  transformOf,
  turned,
  zoomed,
  type EdgeLetters,
  type Size,
  type Viewport,
} from './viewport.ts'

/**
 * What is available of the shown frame: its stored values, a rendered picture, a preview, nothing yet, or a failure.
 */
export type FrameState = 'stored' | 'picture' | 'preview' | 'loading' | 'failed'

/** The state that React reads; every change makes a new object. */
export interface ViewerSnapshot {
  readonly stack: SeriesStack | null
  readonly code: ErrorCode | null
  readonly index: number
  readonly frame: StackFrame | null
  readonly frameState: FrameState
  readonly frameCode: ErrorCode | null
  readonly window: VoiWindow | null
  readonly preset: PresetName | null
  readonly inverted: boolean
  readonly playing: boolean
  readonly zoom: number
  readonly letters: EdgeLetters | null
  readonly scale: { mm: number; pixels: number } | null
}

const PREVIEW_SIZE = 512
/** For smaller frames a preview would not be faster than the stored values. */
const PREVIEW_FROM_BYTES = 96 * 1024
const DEFAULT_FRAME_MS = 66

export interface ControllerOptions extends SeriesAddress {
  readonly initialIndex: number
  readonly limitBytes: number
}

export class StackController {
  readonly #options: ControllerOptions
  readonly #listeners = new Set<() => void>()
  readonly #life = new AbortController()
  readonly #hiddenCanvas = document.createElement('canvas')
  #canvas: HTMLCanvasElement | null = null
  #area: Size = { width: 0, height: 0 }
  #stack: SeriesStack | null = null
  #cache: FrameCache | null = null
  #code: ErrorCode | null = null
  #index: number
  #paintFailure: ErrorCode | null = null
  #viewport: Viewport = FITTED
  #chosenWindow: VoiWindow | null = null
  #preset: PresetName | null = 'default'
  #inverted = false
  #playing = false
  #direction: 1 | -1 = 1
  #paintedKey = ''
  #drawQueued = 0
  #cineTimer = 0
  #snapshot: ViewerSnapshot

  constructor(options: ControllerOptions) {
    this.#options = options
    this.#index = options.initialIndex
    this.#snapshot = this.#takeSnapshot()
    void this.#load()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly snapshot = (): ViewerSnapshot => this.#snapshot

  /**
   * Draws on a canvas from now on, and keeps its size equal to that of its element. @returns a function that stops this
   */
  attach(canvas: HTMLCanvasElement): () => void {
    this.#canvas = canvas
    const measure = () => {
      const box = canvas.parentElement!.getBoundingClientRect()
      this.#area = { width: box.width, height: box.height }
      canvas.width = Math.max(1, Math.round(box.width * devicePixelRatio))
      canvas.height = Math.max(1, Math.round(box.height * devicePixelRatio))
      this.#draw()
      this.#notify()
    }
    const observer = new ResizeObserver(measure)
    observer.observe(canvas.parentElement!)
    measure()
    return () => {
      observer.disconnect()
      this.#canvas = null
    }
  }

  close(): void {
    this.#life.abort()
    this.#cache?.close()
    clearTimeout(this.#cineTimer)
    cancelAnimationFrame(this.#drawQueued)
    this.#listeners.clear()
  }

  retry(): void {
    if (this.#stack && this.#cache) this.#cache.retry(this.#index)
    else void this.#load()
    this.#redraw()
  }

  scrollTo(index: number): void {
    const count = this.#stack?.frames.length ?? 0
    const next = Math.min(Math.max(index, 0), count - 1)
    if (count === 0 || next === this.#index) return
    this.#direction = next > this.#index ? 1 : -1
    this.#index = next
    this.#paintFailure = null
    this.#cache?.want(next, this.#direction)
    this.#redraw()
  }

  scrollBy(steps: number): void {
    this.scrollTo(this.#index + steps)
  }

  zoomBy(factor: number, at?: { x: number; y: number }): void {
    this.#setViewport(zoomed(this.#viewport, factor, at))
  }

  panBy(dx: number, dy: number): void {
    this.#setViewport(panned(this.#viewport, dx, dy))
  }

  turn(): void {
    this.#setViewport(turned(this.#viewport))
  }

  mirror(): void {
    this.#setViewport(mirroredOnScreen(this.#viewport))
  }

  invert(): void {
    this.#inverted = !this.#inverted
    this.#redraw()
  }

  reset(): void {
    this.#viewport = FITTED
    this.#chosenWindow = null
    this.#preset = 'default'
    this.#inverted = false
    this.#redraw()
  }

  /** Chooses a preset by its number, from 1; a number without a preset does nothing. */
  choosePreset(number: number): void {
    const preset = presetsFor(this.#stack?.Modality ?? '')[number - 1]
    if (!preset) return
    this.#preset = preset.name
    this.#chosenWindow = preset.window
    this.#redraw()
  }

  /**
   * Changes width and center by the distance of a drag, in CSS pixels. The steps grow with the width, so that narrow
   * windows can be set precisely.
   */
  dragWindow(dx: number, dy: number): void {
    const window = this.#window()
    if (!window) return
    const step = Math.max(window.width, 10) / 300
    const width = Math.max(window.function === 'LINEAR' ? 1 : 0.001, window.width + dx * step)
    this.#chosenWindow = { ...window, width, center: window.center + dy * step }
    this.#preset = null
    this.#redraw()
  }

  togglePlay(): void {
    this.#playing = !this.#playing && (this.#stack?.frames.length ?? 0) > 1
    clearTimeout(this.#cineTimer)
    if (this.#playing) this.#advance()
    this.#redraw()
  }

  async #load(): Promise<void> {
    try {
      const stack = stackOf(await fetchMetadata(this.#options, this.#life.signal))
      this.#stack = stack
      this.#code = null
      this.#index = Math.min(Math.max(this.#index, 0), Math.max(0, stack.frames.length - 1))
      if (stack.frames.length) this.#startCache(stack)
    } catch (error) {
      if (this.#life.signal.aborted) return
      this.#code = codeOf(error)
    }
    this.#redraw()
  }

  #startCache(stack: SeriesStack): void {
    const bytesOf = (index: number) => {
      const frame = stack.frames[index]!
      return (
        frame.Rows *
        frame.Columns *
        (frame.renderedOnly ? 4 : frame.SamplesPerPixel * Math.max(1, frame.BitsAllocated / 8))
      )
    }
    const noPreview =
      bytesOf(this.#index) < PREVIEW_FROM_BYTES ||
      stack.frames[this.#index]!.renderedOnly ||
      stack.frames[this.#index]!.code
    this.#cache = new FrameCache({
      count: stack.frames.length,
      bytesOf,
      load: (index, signal) => this.#fetchFrame(stack.frames[index]!, signal),
      preview: noPreview
        ? null
        : (index, signal) => fetchPicture(this.#options, stack.frames[index]!, signal, PREVIEW_SIZE),
      arrived: (index) => {
        if (index === this.#index) this.#redraw()
      },
      limitBytes: this.#options.limitBytes,
      parallel: 3,
    })
    this.#cache.want(this.#index)
  }

  async #fetchFrame(frame: StackFrame, signal: AbortSignal): Promise<LoadedFrame> {
    if (frame.code) throw new OutpostError(frame.code)
    if (frame.renderedOnly) return fetchPicture(this.#options, frame, signal)
    const loaded = await fetchStoredFrame(this.#options, frame, signal)
    return loaded.kind !== 'stored' || isShownHere(loaded.frame.PhotometricInterpretation)
      ? loaded
      : fetchPicture(this.#options, frame, signal)
  }

  #advance(): void {
    const { frames } = this.#stack!
    const next = (this.#index + 1) % frames.length
    // Cine waits for a frame that is still being fetched, so that it never skips a frame that was not shown.
    if (this.#cache!.has(next)) {
      this.#index = next
      this.#paintFailure = null
      this.#cache!.want(next)
      this.#redraw()
    }
    const wait = Math.min(2000, Math.max(16, frames[this.#index]?.frameTimeMs ?? DEFAULT_FRAME_MS))
    this.#cineTimer = window.setTimeout(() => {
      if (this.#playing) this.#advance()
    }, wait)
  }

  #frame(): StackFrame | null {
    return this.#stack?.frames[this.#index] ?? null
  }

  /** Returns the window that applies to the grey values; null where there are none. */
  #window(): VoiWindow | null {
    const loaded = this.#cache?.get(this.#index)
    const frame = this.#frame()
    if (
      !frame ||
      loaded?.kind !== 'stored' ||
      loaded.frame.SamplesPerPixel !== 1 ||
      loaded.frame.PhotometricInterpretation === 'PALETTE COLOR'
    )
      return null
    if (this.#chosenWindow) return this.#chosenWindow
    const table = this.#voiTable()
    // A drag begins with the range of the table, so that the image does not jump.
    if (table)
      return {
        center: table.firstValueMapped + table.entries.length / 2,
        width: table.entries.length,
        function: 'LINEAR',
      }
    return (this.#preset === 'full' ? undefined : frame.windows[0]) ?? fullWindow(loaded.frame)
  }

  /** Returns the file's VOI LUT, until the reader sets a window. */
  #voiTable(): LookupTable | null {
    return this.#chosenWindow || this.#preset !== 'default' ? null : (this.#frame()?.voiTable ?? null)
  }

  #setViewport(viewport: Viewport): void {
    this.#viewport = viewport
    this.#redraw()
  }

  #redraw(): void {
    if (!this.#drawQueued) this.#drawQueued = requestAnimationFrame(() => this.#draw())
    this.#notify()
  }

  #notify(): void {
    this.#snapshot = this.#takeSnapshot()
    for (const listener of this.#listeners) listener()
  }

  #takeSnapshot(): ViewerSnapshot {
    const frame = this.#frame()
    const loaded = this.#cache?.get(this.#index)
    const frameCode = frame?.code ?? this.#cache?.failure(this.#index) ?? this.#paintFailure
    const frameState: FrameState = frameCode
      ? 'failed'
      : !loaded
        ? 'loading'
        : loaded.kind === 'stored'
          ? 'stored'
          : loaded.preview
            ? 'preview'
            : 'picture'
    const mmPerPixel =
      frame?.columnSpacingMm && this.#area.width
        ? frame.columnSpacingMm /
          (fitScale(displaySize(frame), this.#area, this.#viewport.quarterTurns) * this.#viewport.zoom)
        : null
    return {
      stack: this.#stack,
      code: this.#code,
      index: this.#index,
      frame,
      frameState,
      frameCode: frameCode ?? null,
      window: this.#window(),
      preset: this.#preset,
      inverted: this.#inverted,
      playing: this.#playing,
      zoom: this.#viewport.zoom,
      letters: frame && edgeLetters(frame.ImageOrientationPatient, frame.PatientOrientation, this.#viewport),
      scale: mmPerPixel ? scaleBar(mmPerPixel, this.#area.width) : null,
    }
  }

  #draw(): void {
    this.#drawQueued = 0
    const context = this.#canvas?.getContext('2d')
    if (!context || !this.#canvas) return
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = '#000'
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height)
    const frame = this.#frame()
    const loaded = this.#cache?.get(this.#index)
    if (!frame || frame.code || !loaded || !this.#area.width) return
    context.setTransform(...transformOf(this.#viewport, frame, this.#area, devicePixelRatio))
    // From a zoom of 4 on, pixels are drawn as squares, so that smoothing cannot be taken for anatomy.
    context.imageSmoothingEnabled = this.#viewport.zoom < 4
    context.imageSmoothingQuality = 'high'
    if (loaded.kind === 'picture') {
      context.filter = this.#inverted ? 'invert(1)' : 'none'
      context.drawImage(loaded.bitmap, 0, 0, frame.Columns, frame.Rows)
      context.filter = 'none'
    } else if (this.#paint(loaded)) context.drawImage(this.#hiddenCanvas, 0, 0)
  }

  /** Draws the frame on the hidden canvas, unless it is already there. */
  #paint(loaded: LoadedFrame & { kind: 'stored' }): boolean {
    const window = this.#window() ?? { center: 128, width: 256, function: 'LINEAR' as const }
    const voiTable = this.#voiTable()
    const key = [
      this.#index,
      voiTable ? 'table' : 'window',
      window.center,
      window.width,
      window.function,
      this.#inverted,
    ].join(' ')
    const { Rows, Columns } = loaded.frame
    const before = this.#paintFailure
    if (key !== this.#paintedKey) {
      try {
        if (this.#hiddenCanvas.width !== Columns || this.#hiddenCanvas.height !== Rows)
          Object.assign(this.#hiddenCanvas, { width: Columns, height: Rows })
        const context = this.#hiddenCanvas.getContext('2d')!
        const image = context.createImageData(Columns, Rows)
        paintFrame(loaded.frame, { window, voiTable, inverted: this.#inverted }, image.data)
        context.putImageData(image, 0, 0)
        this.#paintedKey = key
        this.#paintFailure = null
      } catch (error) {
        this.#paintedKey = ''
        this.#paintFailure = codeOf(error) === 'internal' ? 'decode-failed' : codeOf(error)
      }
      if (before !== this.#paintFailure) this.#notify()
    }
    return this.#paintedKey === key
  }
}
