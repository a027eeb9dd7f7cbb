import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/**
 * Builds the workstation's page as files that any host can serve: no inline script, and nothing inlined as a data
 * address.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
})
