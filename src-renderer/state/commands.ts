/** Commands that the shown screen adds to the command palette. */
import { createContext, useContext, useEffect, useRef } from 'react'

export interface Command {
  readonly id: string
  readonly label: string
  readonly keys?: string
  run(): void
}
export const CommandContext = createContext<{ set(commands: readonly Command[]): void } | null>(null)

/** Offers commands while the screen is shown. `key` must change when their labels change. */
export function useCommands(key: string, commands: readonly Command[]): void {
  const context = useContext(CommandContext)
  const latest = useRef(commands)
  useEffect(() => {
    latest.current = commands
  })
  useEffect(() => {
    context?.set(latest.current.map((command, index) => ({ ...command, run: () => latest.current[index]?.run() })))
    return () => context?.set([])
  }, [context, key])
}
