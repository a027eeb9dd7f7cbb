/** The interface of the store of sealed parts: a folder, or a bucket. */

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
   * Joins the parts to one object, which can be read from then on. It replaces an earlier object of this name.
   * @param size bytes of all parts
   * @error upload-not-found the parts do not have so many bytes
   */
  complete(name: string, size: number): Promise<void>
  /** Stores a small object, or replaces it. The object is on disk when the promise resolves. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** The bytes of a complete object; 0 when there is none. */
  size(name: string): Promise<number>
  /** @error upload-not-found the object has fewer bytes */
  getRange(name: string, offset: number, length: number): Promise<Uint8Array>
  stream(name: string): AsyncIterable<Uint8Array>
  /** Bytes that can still be written. */
  freeBytes(): Promise<number>
  /** Removes an object, and its parts if it is not complete. An absent object is no error. */
  delete(name: string): Promise<void>
}
