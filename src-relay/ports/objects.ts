/** Where sealed parts are kept: a folder, or something like S3 behind the same operations. */

export interface ObjectStore {
  /**
   * Writes bytes at an offset of an object that is being received; what lies behind the offset is dropped. They are on
   * disk when the promise resolves.
   */
  write(name: string, offset: number, bytes: Uint8Array): Promise<void>
  /** Bytes that are there, 0 when the object is not. */
  size(name: string): Promise<number>
  /** @error upload-not-found the object has fewer bytes */
  read(name: string, offset: number, length: number): Promise<Uint8Array>
  stream(name: string): AsyncIterable<Uint8Array>
  /** Bytes that can still be written. */
  freeBytes(): Promise<number>
  /** An object that is not there is no error. */
  remove(name: string): Promise<void>
}
