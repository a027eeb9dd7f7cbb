/** The viewer's icons as inline SVG, so that none has to be fetched. */
const PATHS = {
  scroll: 'M4 5h12M4 10h12M4 15h12M18 3v14',
  window: 'M10 3a7 7 0 1 0 0 14Z M10 3a7 7 0 0 1 0 14',
  zoom: 'M9 3a6 6 0 1 0 0 12A6 6 0 0 0 9 3ZM13.5 13.5 18 18M6 9h6M9 6v6',
  pan: 'M10 2v16M2 10h16M7 5l3-3 3 3M7 15l3 3 3-3M5 7l-3 3 3 3M15 7l3 3-3 3',
  invert: 'M3 3h14v14H3ZM3 17 17 3',
  rotate: 'M16 10a6 6 0 1 1-2-4.5M14 2v4h-4',
  flip: 'M10 2v16M7 5 2 15h5ZM13 5l5 10h-5Z',
  reset: 'M4 4v5h5M4.5 9a6.5 6.5 0 1 1-.5 4',
  play: 'M5 3l12 7-12 7Z',
  pause: 'M6 3v14M14 3v14',
  keyImage: 'M10 2l2.4 5.2 5.6.6-4.2 3.8 1.2 5.6-5-2.9-5 2.9 1.2-5.6L2 7.8l5.6-.6Z',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, filled = false }: { readonly name: IconName; readonly filled?: boolean }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="20"
      height="20"
      aria-hidden="true"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
