/** Where sealed parts are kept: a folder, or a bucket behind the same operations. */

/** One piece of an object that is being received. */
export interface ObjectPart {
  /** Counted from 0. */
  readonly number: number
  /** Bytes of the parts before it. */
  readonly offset: number
  readonly bytes: Uint8Array
}

export interface ObjectStore {
  /**
   * Stores one part of an object that is being received, in any order. A part that was stored before is replaced. The
   * bytes are on disk when the promise resolves.
   */
  putPart(name: string, part: ObjectPart): Promise<void>
  /**
   * Makes the parts one object, which can be read from then on, in place of an earlier object of this name.
   * @param size bytes of all parts
   * @error upload-not-found the parts do not have so many bytes
   */
  complete(name: string, size: number): Promise<void>
  /** Stores a small object at once, in place of an earlier one. It is on disk when the promise resolves. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** Bytes of a complete object, 0 when there is none. */
  size(name: string): Promise<number>
  /** @error upload-not-found the object has fewer bytes */
  getRange(name: string, offset: number, length: number): Promise<Uint8Array>
  stream(name: string): AsyncIterable<Uint8Array>
  /** Bytes that can still be written. */
  freeBytes(): Promise<number>
  /** Removes an object and what was received of it. An object that is not there is no error. */
  delete(name: string): Promise<void>
}
