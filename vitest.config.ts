import { defineConfig } from 'vitest/config'

const UNIT_TIMEOUT_MS = 20_000
/**
 * Programs, databases and browsers take five seconds to start on a quiet machine; with twenty other processes beside
 * them, twenty times that.
 */
const PROGRAM_TIMEOUT_MS = 120_000

const suite = (name: string, include: string, timeoutMs: number) => ({
  extends: true as const,
  test: {
    name,
    include: [include],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    // A wait ends with what it waits for; that it comes soon is never what a test shows.
    expect: { poll: { timeout: timeoutMs / 2 } },
  },
})

/**
 * Unit tests lie beside their subject; everything that starts a process, a browser or a server is under tests/. A test
 * that may take longer than its suite says so beside itself, and why.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    pool: 'forks',
    projects: [
      suite('unit', 'src-*/**/*.test.ts', UNIT_TIMEOUT_MS),
      suite('programs', 'tests/**/*.test.ts', PROGRAM_TIMEOUT_MS),
    ],
  },
})
