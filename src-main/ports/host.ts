/**
 * What differs between Electron, browser and command line is passed in as a Host; nothing below hosts/ asks which one
 * runs.
 */
import type { Imaging } from '../../src-engine/imaging.ts'

export interface SecretStore {
  /** keychain of the operating system, or a file wrapped with a passphrase. */
  readonly backend: 'keychain' | 'file'
  readonly locked: boolean
  readonly firstUse: boolean
  /** @error wrong-passphrase */
  unlock(passphrase: string): Promise<void>
  /** @error secrets-locked */
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  remove(name: string): Promise<void>
}

export interface Host {
  readonly dataFolder: string
  readonly version: string
  /** Where the page's built files are, and the catalogs and samples. */
  readonly pageFolder: string
  readonly resourcesFolder: string
  /** To the relay: Electron's net.fetch knows the hospital's proxy and certificates. */
  readonly fetch: typeof globalThis.fetch
  readonly secrets: SecretStore
  readonly imaging: Imaging
  /** Entry files of workers; bundled ones when packaged. */
  readonly entries: { readonly storage: URL; readonly indexer: URL; readonly preparer: URL }
  /** Whether folders are chosen in the page (browse) because the host has no native dialog. */
  readonly canBrowseFolders: boolean
  now(): Date
  /** Registered by the preload's dialog or drop: opaque handle to path. */
  readonly handles: FolderHandles
  notify?(title: string, body: string): void
}

/** What the library needs of a host: its threads are started from one entry. */
export type LibraryHost = Pick<Host, 'dataFolder' | 'now'> & { readonly entries: Pick<Host['entries'], 'indexer'> }

export interface FolderHandles {
  /** An opaque handle for a path that a person chose. */
  give(path: string): string
  path(handle: string): string | undefined
}
