/**
 * Closes a running program once when it is asked to end. Ctrl+C reaches every process of a terminal's group, and a
 * launcher then signals its children again. A second signal must not interrupt the closing, or processes that the
 * program started would remain.
 */
export function onShutdown(close: () => Promise<void>): void {
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    void close().finally(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
}
