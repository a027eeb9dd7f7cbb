/**
 * Catches every error that no screen handles. The usual one: a part of the page can no longer be fetched, because the
 * relay was updated meanwhile. Loading the page again then solves it.
 */
import { Component, type ReactNode } from 'react'

export interface MishapProps {
  readonly children: ReactNode
  readonly fallback: ReactNode
}

export class ErrorBoundary extends Component<MishapProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}
