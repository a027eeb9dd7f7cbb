/** The frame of the screens before the workstation is open: one card with one task. */
import type { ReactNode } from 'react'
import styles from './Gate.module.css'

export function Gate({
  title,
  text,
  children,
}: {
  readonly title: string
  readonly text?: string
  readonly children?: ReactNode
}) {
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <p className={styles.product}>
          <img src="./icon.svg" alt="" width="28" height="28" /> Outpost
        </p>
        <h1 className={styles.title}>{title}</h1>
        {text !== undefined && <p className={styles.text}>{text}</p>}
        {children}
      </div>
    </main>
  )
}
