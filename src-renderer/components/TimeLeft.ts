/** Formats a remaining time, such as "12 s left" or "3 min left", in the same way everywhere. */
import { useTranslation } from 'react-i18next'

export function useTimeLeft(): (seconds: number) => string {
  const { t } = useTranslation('workstation')
  return (seconds) => {
    const time =
      seconds < 90
        ? t('indexing.seconds', { count: Math.max(1, Math.round(seconds)) })
        : seconds < 5400
          ? t('indexing.minutes', { count: Math.round(seconds / 60) })
          : t('indexing.hours', { count: Math.round(seconds / 3600) })
    return t('indexing.secondsLeft', { time })
  }
}
