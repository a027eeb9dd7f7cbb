/** Says why a list or area is empty, and what to do about it. */
import type { ReactNode } from 'react'
import styles from './components.module.css'

export function EmptyState({
  title,
  children,
  actions,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <div className={styles.empty}>
      <h2 className={styles.emptyTitle}>{title}</h2>
      {children && <p className={styles.emptyText}>{children}</p>}
      {actions && <div className={styles.emptyActions}>{actions}</div>}
    </div>
  )
}
