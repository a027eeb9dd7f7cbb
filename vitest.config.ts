import { defineConfig } from 'vitest/config'

/** A whole generated suite is fifty times the share of it that npm test runs (tests/support/share.ts). */
const LONGER = process.env['OUTPOST_FAULTS'] === 'whole' ? 10 : 1
const UNIT_TIMEOUT_MS = 20_000 * LONGER
/**
 * A program with its database or browser starts in two seconds on a quiet machine. With thirty other processes on two
 * cores a test that starts two of them was measured at 75 s.
 */
const PROGRAM_TIMEOUT_MS = 240_000 * LONGER

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
    setupFiles: ['tests/support/reject-missing-values.ts'],
    projects: [
      suite('unit', 'src-*/**/*.test.ts', UNIT_TIMEOUT_MS),
      suite('programs', 'tests/**/*.test.ts', PROGRAM_TIMEOUT_MS),
    ],
  },
})
