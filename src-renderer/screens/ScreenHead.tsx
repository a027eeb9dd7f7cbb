/** The top line of every screen: its name, its actions, and the connection. */
import type { ReactNode } from 'react'
import { ConnectionPill } from '../components/ConnectionPill.tsx'
import styles from '../components/Shell.module.css'
import { useConnection } from '../state/connection.ts'

export function ScreenHead({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  const connection = useConnection()
  return (
    <header className={styles.head}>
      <h1>{title}</h1>
      <div className={styles.headFill}>{children}</div>
      <ConnectionPill connection={connection} />
    </header>
  )
}
