/**
 * Opens the storage of a data folder without its thread. Calls and answers are copied as they would be between threads,
 * and their bytes are counted.
 */
import { deserialize, serialize } from 'node:v8'
import type { SelectedInstance } from '../../src-main/ports/records.ts'
import { Selections } from '../../src-main/storage/selections/selections.ts'
import type { Storage } from '../../src-main/storage/open-storage.ts'
import { callMethod, remote } from '../../src-main/storage/remote.ts'
import { openRepositories } from '../../src-main/storage/repositories.ts'

export interface CountedStorage {
  readonly storage: Storage
  /** The bytes of calls and answers since this was called last. */
  crossed(): number
}

/** @param selected returns the instances of every selection, in place of the index */
export function storageInProcess(dataFolder: string, selected: () => SelectedInstance[]): CountedStorage {
  const { repositories, close } = openRepositories(dataFolder)
  const { ledger, signOffs } = repositories
  const index = { selected: () => ({ instances: selected(), arriving: false }) }
  const allRepositories: Record<string, object> = {
    ...repositories,
    selections: new Selections({ index, signOffs, ledger }),
  }
  let bytes = 0
  const crossing = <T>(value: T): T => {
    const message = serialize(value)
    bytes += message.length
    return deserialize(message) as T
  }
  const proxies = Object.entries(allRepositories).map(([name, repository]) => [
    name,
    remote(async (method, args) => crossing(callMethod(repository, method, crossing(args)))),
  ])
  return {
    storage: { ...Object.fromEntries(proxies), close: async () => close() } as Storage,
    crossed() {
      const counted = bytes
      bytes = 0
      return counted
    },
  }
}
