/** Translates mouse, wheel, touch and keys into calls of the viewer's controller. */
import type { StackController } from './stack-controller.ts'

/** What a drag with the first mouse button or one finger does. */
export type DragTool = 'scroll' | 'window' | 'zoom' | 'pan'

/** The distance of a drag or wheel, in CSS pixels, that scrolls by one image. */
const SCROLL_STEP = 24
const WHEEL_STEP = 60

/**
 * Listens to gestures on the element around the canvas. The middle button moves, the right button zooms, two fingers do
 * both.
 * @returns a function that stops listening
 */
export function listenToGestures(box: HTMLElement, controller: StackController, tool: () => DragTool): () => void {
  const stop = new AbortController()
  const pointers = new Map<number, { x: number; y: number }>()
  let wheelRest = 0
  let scrollRest = 0

  const fromMiddle = (x: number, y: number) => {
    const area = box.getBoundingClientRect()
    return { x: x - area.left - area.width / 2, y: y - area.top - area.height / 2 }
  }

  const drag = (kind: DragTool, dx: number, dy: number) => {
    if (kind === 'window') controller.dragWindow(dx, dy)
    else if (kind === 'pan') controller.panBy(dx, dy)
    else if (kind === 'zoom') controller.zoomBy(1.01 ** -dy)
    else {
      scrollRest += dy
      const steps = Math.trunc(scrollRest / SCROLL_STEP)
      scrollRest -= steps * SCROLL_STEP
      if (steps) controller.scrollBy(steps)
    }
  }

  const pinch = (moved: number, before: { x: number; y: number }, now: { x: number; y: number }) => {
    const other = [...pointers].find(([id]) => id !== moved)?.[1]
    if (!other) return
    const distance = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y)
    controller.panBy((now.x - before.x) / 2, (now.y - before.y) / 2)
    if (distance(before) > 10)
      controller.zoomBy(distance(now) / distance(before), fromMiddle((now.x + other.x) / 2, (now.y + other.y) / 2))
  }

  const on = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    listener: (event: HTMLElementEventMap[Name]) => void,
  ) => box.addEventListener(name, listener, { signal: stop.signal, passive: false })

  on('pointerdown', (event) => {
    if (pointers.size >= 2) return
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    box.setPointerCapture(event.pointerId)
    scrollRest = 0
  })
  on('pointermove', (event) => {
    const before = pointers.get(event.pointerId)
    if (!before) return
    const now = { x: event.clientX, y: event.clientY }
    if (pointers.size === 2) pinch(event.pointerId, before, now)
    else drag(event.buttons & 4 ? 'pan' : event.buttons & 2 ? 'zoom' : tool(), now.x - before.x, now.y - before.y)
    pointers.set(event.pointerId, now)
  })
  const release = (event: PointerEvent) => {
    pointers.delete(event.pointerId)
  }
  on('pointerup', release)
  on('pointercancel', release)
  on('contextmenu', (event) => event.preventDefault())
  on('wheel', (event) => {
    event.preventDefault()
    if (event.ctrlKey) return controller.zoomBy(1.002 ** -event.deltaY, fromMiddle(event.clientX, event.clientY))
    // A wheel that counts lines or pages scrolls one image per notch; a touchpad sends many small distances in pixels.
    if (event.deltaMode !== 0 || Math.abs(event.deltaY) >= WHEEL_STEP) {
      wheelRest = 0
      return controller.scrollBy(Math.sign(event.deltaY))
    }
    wheelRest += event.deltaY
    const steps = Math.trunc(wheelRest / WHEEL_STEP)
    wheelRest -= steps * WHEEL_STEP
    if (steps) controller.scrollBy(steps)
  })
  return () => stop.abort()
}

/** Does what a key stands for. @returns whether it is one of the viewer's keys */
export function actOnKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  controller: StackController,
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  if (/^[1-9]$/.test(event.key)) {
    controller.choosePreset(Number(event.key))
    return true
  }
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  action?.(controller)
  return action !== undefined
}

const KEYS: Record<string, (controller: StackController) => void> = {
  ArrowDown: (controller) => controller.scrollBy(1),
  ArrowRight: (controller) => controller.scrollBy(1),
  ArrowUp: (controller) => controller.scrollBy(-1),
  ArrowLeft: (controller) => controller.scrollBy(-1),
  PageDown: (controller) => controller.scrollBy(10),
  PageUp: (controller) => controller.scrollBy(-10),
  Home: (controller) => controller.scrollTo(0),
  End: (controller) => controller.scrollTo(Number.MAX_SAFE_INTEGER),
  '+': (controller) => controller.zoomBy(1.25),
  '=': (controller) => controller.zoomBy(1.25),
  '-': (controller) => controller.zoomBy(0.8),
  i: (controller) => controller.invert(),
  r: (controller) => controller.reset(),
  t: (controller) => controller.turn(),
  m: (controller) => controller.mirror(),
  ' ': (controller) => controller.togglePlay(),
}
