/**
 * What differs between Electron, browser and command line. It is passed in as a Host; no folder but hosts/ depends on
 * which one runs.
 */
import type { Imaging } from '../../src-engine/imaging.ts'

export interface SecretStore {
  /** The keychain of the operating system, or a file sealed with a passphrase. */
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
  /** Folder of the page's built files, and of the message catalogs and samples. */
  readonly pageFolder: string
  readonly resourcesFolder: string
  /** Used for requests to the relay. Electron's net.fetch uses the hospital's proxy and certificates. */
  readonly fetch: typeof globalThis.fetch
  readonly secrets: SecretStore
  readonly imaging: Imaging
  /** Entry files of worker threads; bundled ones in an installed program. */
  readonly entries: { readonly storage: URL; readonly indexer: URL; readonly preparer: URL }
  /** Whether folders are chosen in the page (browse), because the host has no native dialog. */
  readonly canBrowseFolders: boolean
  now(): Date
  /** Handles that stand for paths, registered by the preload's dialog or by a drop. */
  readonly handles: FolderHandles
  notify?(title: string, body: string): void
}

/** The part of a host that the library needs. Its threads are started from one entry. */
export type LibraryHost = Pick<Host, 'dataFolder' | 'now'> & { readonly entries: Pick<Host['entries'], 'indexer'> }

export interface FolderHandles {
  /** Returns an opaque handle for a path that a person chose. */
  give(path: string): string
  path(handle: string): string | undefined
}
