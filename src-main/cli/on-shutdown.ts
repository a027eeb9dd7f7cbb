/**
 * Ends a program that runs on when it is asked to, once: Ctrl+C reaches every process of a terminal's group, and a
 * launcher then asks its children again.
 * A second request must not cut the closing short, or what the program started would outlive it.
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
