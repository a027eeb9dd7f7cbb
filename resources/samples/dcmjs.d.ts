/** The part of dcmjs that the generator writes files with. */
declare module 'dcmjs' {
  interface Written {
    write(options?: { fragmentMultiframe?: boolean }): ArrayBuffer
    dict: unknown
  }
  const dcmjs: {
    data: {
      DicomDict: new (meta: unknown) => Written
      DicomMetaDictionary: { denaturalizeDataset(dataset: Record<string, unknown>): unknown }
    }
  }
  export default dcmjs
}
