import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/**
 * The page is served at /s/<token> and its files below /portal-assets/. It also supports phones that are a few years
 * old.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: '/portal-assets/',
  plugins: [react()],
  build: {
    outDir: '../out/portal',
    emptyOutDir: true,
    target: ['es2022', 'safari16', 'chrome108', 'firefox115'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
