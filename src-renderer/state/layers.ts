/**
 * What lies on top of what. Esc closes the topmost layer and nothing else: screens, panels and dialogs announce
 * themselves here while they are open, and no component listens for Esc on its own.
 */
import { useEffect, useEffectEvent } from 'react'

interface Layer {
  close(): void
}

/** From the lowest to the topmost. */
const layers: Layer[] = []

/** An open list of choices or calendar belongs to its field, which closes it itself. */
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
 * Lies on top of everything that was open before, as long as it is open itself.
 * @param close what Esc does; it must be the same as the layer's own button for closing
 */
export function useLayer(open: boolean, close: () => void): void {
  const onClose = useEffectEvent(close)
  useEffect(() => {
    if (!open) return
    const layer: Layer = { close: () => onClose() }
    // In the capture phase, so that the key is taken before a dialog below or a screen sees it.
    if (layers.push(layer) === 1) window.addEventListener('keydown', onKey, { capture: true })
    return () => {
      layers.splice(layers.indexOf(layer), 1)
      if (layers.length === 0) window.removeEventListener('keydown', onKey, { capture: true })
    }
  }, [open])
}
