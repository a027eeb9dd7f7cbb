/**
 * Shows a fallback in place of a page that failed while it was rendered, for example because a part of it could not be
 * loaded any more after an update. Loading the page again mends that.
 */
import { Component, type ReactNode } from 'react'

export interface ErrorBoundaryProps {
  readonly children: ReactNode
  readonly fallback: ReactNode
  readonly onFailure?: (error: unknown) => void
}

export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch(error: unknown) {
    this.props.onFailure?.(error)
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}
