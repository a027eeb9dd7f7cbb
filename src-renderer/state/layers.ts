/**
 * The stack of open layers. Esc closes only the topmost one. Screens, panels and dialogs register here while they are
 * open, and no component listens for Esc by itself.
 */
import { useEffect, useEffectEvent } from 'react'

interface Layer {
  close(): void
}

/** The open layers (dialogs, menus, hints), from the lowest to the topmost. */
const layers: Layer[] = []

/** Whether an open list or calendar belongs to the field, which then handles Esc itself. */
function belongsToField(target: EventTarget | null): boolean {
  if (document.querySelector('[data-dates-dropdown]') !== null) return true
  return target instanceof Element && target.closest('[aria-expanded="true"][aria-haspopup]') !== null
}

function onKey(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || event.isComposing || belongsToField(event.target)) return
  const top = layers.at(-1)
  if (top === undefined) return
  event.preventDefault()
  event.stopPropagation()
  top.close()
}

/**
 * Registers a layer above all layers that were opened before, while `open` is true.
 * @param close called for Esc; must be the same as the layer's close button
 */
export function useLayer(open: boolean, close: () => void): void {
  const onClose = useEffectEvent(close)
  useEffect(() => {
    if (!open) return
    const layer: Layer = { close: () => onClose() }
    // The capture phase is used, so that the key is handled here before a dialog below or a screen receives it.
    if (layers.push(layer) === 1) window.addEventListener('keydown', onKey, { capture: true })
    return () => {
      layers.splice(layers.indexOf(layer), 1)
      if (layers.length === 0) window.removeEventListener('keydown', onKey, { capture: true })
    }
  }, [open])
}
