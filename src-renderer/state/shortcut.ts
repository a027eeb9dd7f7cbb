/** Shortcuts of single keys. They do not work while a person types, nor behind a dialog. */
import { useEffect, useRef } from 'react'

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)) &&
    !(target instanceof HTMLInputElement && ['checkbox', 'radio', 'button'].includes(target.type))
  )
}

/**
 * @param keys actions by KeyboardEvent.key (letters in lower case). Combinations such as "mod+k" and "alt+1" also work
 * while a person types.
 */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return
      const prefix = event.ctrlKey || event.metaKey ? 'mod+' : event.altKey ? 'alt+' : ''
      if (prefix === '' && (typing(event.target) || document.querySelector('[aria-modal="true"]') !== null)) return
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      const act =
        latest.current[prefix + key] ??
        (prefix === 'alt+' ? latest.current[prefix + event.code.replace('Digit', '')] : undefined)
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
