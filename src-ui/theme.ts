/**
 * Mantine's theme, whose colours come from the tokens of tokens.css. Both are needed: `<MantineProvider theme={theme}
 * cssVariablesResolver={tokenVariables} defaultColorScheme="dark">`.
 */
import { createTheme, type CSSVariablesResolver } from '@mantine/core'
import './tokens.css'

export const theme = createTheme({
  fontFamily: 'var(--op-font)',
  fontFamilyMonospace: 'var(--op-mono)',
  headings: { fontFamily: 'var(--op-font)', fontWeight: '600' },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 7 },
  colors: {
    accent: [
      '#e6f4ff',
      '#cbe6fb',
      '#9dcef5',
      '#6cb9f2',
      '#4aa3e8',
      '#2f92df',
      '#1a77c0',
      '#1567a8',
      '#0f5590',
      '#0a4275',
    ],
    dark: [
      '#ececec',
      '#d6d6d6',
      '#b8b8b8',
      '#808080',
      '#3d3d3d',
      '#2b2b2b',
      '#1f1f1f',
      '#141414',
      '#0f0f0f',
      '#0a0a0a',
    ],
    gray: [
      '#f8f8f8',
      '#f4f4f4',
      '#e8e8e8',
      '#d0d0d0',
      '#b8b8b8',
      '#7a7a7a',
      '#4a4a4a',
      '#3d3d3d',
      '#2b2b2b',
      '#1a1a1a',
    ],
  },
})

/** Sets Mantine's variables from the tokens, so that each colour is defined in one place. */
export const tokenVariables: CSSVariablesResolver = () => {
  const variables = {
    '--mantine-color-body': 'var(--op-surface)',
    '--mantine-color-text': 'var(--op-text)',
    '--mantine-color-dimmed': 'var(--op-dimmed)',
    '--mantine-color-placeholder': 'var(--op-dimmed)',
    '--mantine-color-anchor': 'var(--op-accent-text)',
    '--mantine-color-error': 'var(--op-bad)',
    '--mantine-color-default': 'var(--op-raised)',
    '--mantine-color-default-hover': 'var(--op-hover)',
    '--mantine-color-default-border': 'var(--op-line)',
    '--mantine-color-default-color': 'var(--op-text)',
  }
  return { variables: {}, light: variables, dark: variables }
}
