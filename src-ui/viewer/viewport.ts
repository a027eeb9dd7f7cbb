/** How a frame is placed on the screen. Pure: every change returns a new viewport. */

export interface Viewport {
  /** At 1 the whole frame just fits. */
  readonly zoom: number
  /** The distance from the middle of the screen area, in CSS pixels. */
  readonly panX: number
  readonly panY: number
  /** Clockwise quarter turns, applied after mirroring. */
  readonly quarterTurns: 0 | 1 | 2 | 3
  /** Whether left and right of the stored frame are swapped. */
  readonly mirrored: boolean
}

export const FITTED: Viewport = { zoom: 1, panX: 0, panY: 0, quarterTurns: 0, mirrored: false }

export interface Size {
  readonly width: number
  readonly height: number
}

const MIN_ZOOM = 0.2
const MAX_ZOOM = 40

/** Returns the size of a frame in units of one column's width, so that pixels are square. */
export function displaySize(frame: { Rows: number; Columns: number; pixelAspect: number }): Size {
  return { width: frame.Columns, height: frame.Rows * frame.pixelAspect }
}

/** Returns the CSS pixels for each column when the whole frame fits into the area. */
export function fitScale(frame: Size, area: Size, quarterTurns: number): number {
  const [width, height] = quarterTurns % 2 ? [frame.height, frame.width] : [frame.width, frame.height]
  return Math.min(area.width / width, area.height / height)
}

/**
 * Zooms about a point, which keeps its position on the screen.
 * @param at CSS pixels from the middle of the area
 */
export function zoomed(viewport: Viewport, factor: number, at: { x: number; y: number } = { x: 0, y: 0 }): Viewport {
  const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, viewport.zoom * factor))
  const ratio = zoom / viewport.zoom
  return { ...viewport, zoom, panX: at.x - (at.x - viewport.panX) * ratio, panY: at.y - (at.y - viewport.panY) * ratio }
}

export function panned(viewport: Viewport, dx: number, dy: number): Viewport {
  return { ...viewport, panX: viewport.panX + dx, panY: viewport.panY + dy }
}

export function turned(viewport: Viewport): Viewport {
  return { ...viewport, quarterTurns: ((viewport.quarterTurns + 1) % 4) as Viewport['quarterTurns'] }
}

/** Mirrors left and right as they are shown now, for any number of turns. */
export function mirroredOnScreen(viewport: Viewport): Viewport {
  // Mirroring the screen after a turn equals mirroring the frame before the opposite turn.
  return {
    ...viewport,
    mirrored: !viewport.mirrored,
    quarterTurns: ((4 - viewport.quarterTurns) % 4) as Viewport['quarterTurns'],
    panX: -viewport.panX,
  }
}

/**
 * Returns the coefficients a b c d e f of canvas `setTransform`, from columns and rows of the frame to device pixels.
 */
export function transformOf(
  viewport: Viewport,
  frame: { Rows: number; Columns: number; pixelAspect: number },
  area: Size,
  devicePixelRatio: number,
): [number, number, number, number, number, number] {
  const scale = fitScale(displaySize(frame), area, viewport.quarterTurns) * viewport.zoom * devicePixelRatio
  const [cos, sin] = (
    [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ] as const
  )[viewport.quarterTurns]
  const [x, y] = [scale * (viewport.mirrored ? -1 : 1), scale * frame.pixelAspect]
  const [a, b, c, d] = [cos * x, sin * x, -sin * y, cos * y].map((value) => value + 0) as [
    number,
    number,
    number,
    number,
  ]
  const [middleX, middleY] = [
    (area.width / 2 + viewport.panX) * devicePixelRatio,
    (area.height / 2 + viewport.panY) * devicePixelRatio,
  ]
  return [
    a,
    b,
    c,
    d,
    middleX - a * (frame.Columns / 2) - c * (frame.Rows / 2),
    middleY - b * (frame.Columns / 2) - d * (frame.Rows / 2),
  ]
}

export interface EdgeLetters {
  readonly left: string
  readonly right: string
  readonly top: string
  readonly bottom: string
}

/**
 * Returns the letters of the patient's directions at the edges of the screen: L R, A P, H F; up to two, the stronger
 * first.
 * @param orientation direction cosines of rows and columns in the patient (PS3.3 C.7.6.2.1.1), or null
 * @param letters PatientOrientation of rows and columns (PS3.3 C.7.6.1.1.1), used where there are no cosines
 * @returns null when neither is given
 */
export function edgeLetters(
  orientation: readonly number[] | null,
  letters: readonly string[],
  viewport: Viewport,
): EdgeLetters | null {
  const row = orientation ? directionLetters(orientation.slice(0, 3)) : (letters[0] ?? '')
  const column = orientation ? directionLetters(orientation.slice(3, 6)) : (letters[1] ?? '')
  if (!row || !column) return null
  const [first, second] = viewport.mirrored ? [opposite(row), row] : [row, opposite(row)]
  // Clockwise from the right edge; a quarter turn moves each letter one edge on.
  const clockwise = [first, column, second, opposite(column)]
  const edge = (index: number) => clockwise[(index - viewport.quarterTurns + 4) % 4]!
  return { right: edge(0), bottom: edge(1), left: edge(2), top: edge(3) }
}

function directionLetters(direction: readonly number[]): string {
  const [x = 0, y = 0, z = 0] = direction
  return [
    { size: Math.abs(x), letter: x > 0 ? 'L' : 'R' },
    { size: Math.abs(y), letter: y > 0 ? 'P' : 'A' },
    { size: Math.abs(z), letter: z > 0 ? 'H' : 'F' },
  ]
    .filter(({ size }) => size > 0.2)
    .sort((a, b) => b.size - a.size)
    .slice(0, 2)
    .map(({ letter }) => letter)
    .join('')
}

const OPPOSITES: Record<string, string> = { L: 'R', R: 'L', A: 'P', P: 'A', H: 'F', F: 'H' }

function opposite(letters: string): string {
  return letters.replace(/[LRAPHF]/g, (letter) => OPPOSITES[letter]!)
}

/**
 * Returns a round length for the scale bar, at most a quarter of the area's width.
 * @param mmPerPixel millimetres for each CSS pixel
 */
export function scaleBar(mmPerPixel: number, areaWidth: number): { mm: number; pixels: number } {
  const longestMm = (areaWidth / 4) * mmPerPixel
  const power = 10 ** Math.floor(Math.log10(longestMm))
  const mm = ([5, 2, 1].find((step) => step * power <= longestMm) ?? 1) * power
  return { mm, pixels: mm / mmPerPixel }
}
