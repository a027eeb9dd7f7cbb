/** Our line icons on a 24 px grid. They always stand beside a text or label, so they are hidden from screen readers. */
const PATHS = {
  studies: 'M4 5h16v14H4zM4 10h16M10 10v9',
  outbox: 'M4 14h4l2 3h4l2-3h4v5H4zM12 12V4M8.5 7.5 12 4l3.5 3.5',
  status: 'M4 12h4l2.5-6 4 12L17 12h3',
  audit: 'M6 3h12v18H6zM9 8h6M9 12h6M9 16h4',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 4v6M6 14v6',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  keys: 'M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M8 14.5h8',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.5 15.5 20 20',
  folder: 'M3 6h6l2 2h10v11H3z',
  star: 'M12 4l2.5 5.2 5.5.8-4 4 1 5.6L12 17l-5 2.6 1-5.6-4-4 5.5-.8z',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M14 6l-6 6 6 6',
  check: 'M5 12.5 10 17l9-10',
  warning: 'M12 4 21 19.5H3zM12 10v4.5M12 17h.01',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  pause: 'M8 5v14M16 5v14',
  play: 'M8 5l11 7-11 7z',
  retry: 'M5 12a7 7 0 1 0 2.2-5.1M5 4v4h4',
  cancel: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17M6 6l12 12',
  send: 'M4 12 20 4l-5 16-3-7z',
  eye: 'M2.5 12S6 6 12 6s9.5 6 9.5 6S18 18 12 18s-9.5-6-9.5-6M12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5',
  copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
  clock: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17M12 7.5V12l3 2',
  panel: 'M3 5h18v14H3zM15 5v14',
  images: 'M3 6h14v14H3zM7 6V3h14v14h-4',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4.5 20c1-4 4-5.5 7.5-5.5s6.500 1.500 7.500 5.500',
  group:
    'M9 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7M3 19c.500-3.500 3-5 6-5s5.500 1.500 6 5' +
    'M16 6a3 3 0 0 1 0 6M17.500 14.500c2 .500 3.300 2 3.500 4.500',
  blocked: 'M12 3.500 19 6v6c0 4.500-3 7-7 8.500-4-1.500-7-4-7-8.500V6zM9 9l6 6M15 9l-6 6',
  receive: 'M12 4v11M7 10.500l5 5 5-5M4 19.500h16',
} as const

export type IconName = keyof typeof PATHS

export function Icon({
  name,
  size = 18,
  filled = false,
}: {
  readonly name: IconName
  readonly size?: number
  readonly filled?: boolean
}) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flex: 'none' }}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
