import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The page stands at /s/<token>, its files below /portal-assets/; phones a few years old are served too. */
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
