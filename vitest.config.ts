import { defineConfig } from 'vitest/config'

/** Unit tests lie beside their subject; everything that starts a process, a browser or a server is under tests/. */
export default defineConfig({
  test: {
    include: ['src-*/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tests/bench/**'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
    pool: 'forks',
  },
})
