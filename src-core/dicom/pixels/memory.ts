/** Where the bytes of a frame lie: whoever shows one after another can use the same memory again. */

/** So many bytes, whatever is in them, from the start of a buffer. */
export type Allocate = (length: number) => Uint8Array

/** For frames that are handed on: nothing else ever uses their memory. */
export const freshMemory: Allocate = (length) => new Uint8Array(length)
