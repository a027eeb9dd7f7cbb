/** "12 s left", "3 min left": one way to say it, everywhere. */
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
