/**
 * The number of frames of an image. A NumberOfFrames (0028,0008) that is 0, empty, negative or no whole number means
 * one frame, as in DCMTK and pydicom (PS3.3 C.7.6.6.1.1 allows numbers from 1).
 * @param NumberOfFrames as read; undefined when it is absent or not a number
 */
export function frameCount(NumberOfFrames: number | undefined): number {
  return Number.isInteger(NumberOfFrames) && NumberOfFrames! >= 1 ? NumberOfFrames! : 1
}
