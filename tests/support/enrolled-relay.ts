/** What most relay tests begin with: a relay in a temporary folder, an enrolled workstation, one delivered share. */
import type { ConfirmRequest } from '../../src-core/contract/relay.ts'
import type { RelayConfig } from '../../src-relay/ports/relay-context.ts'
import {
  confirmRequest,
  enrolWorkstation,
  makePackage,
  shownMessages,
  startRelay,
  temporaryFolder,
  tokenIn,
  uploadPackage,
  writeSeed,
  type TestRelay,
  type TestWorkstation,
} from '../integration/relay-support.ts'

export interface RelayInFolder extends TestRelay {
  /** Contains the database, the objects and the keys of the relay. */
  readonly folder: string
}

export interface EnrolledRelay extends RelayInFolder {
  readonly station: TestWorkstation
}

export interface RelayOptions {
  /** Options of `writeSeed`. */
  readonly seed?: Parameters<typeof writeSeed>[1]
  readonly config?: Partial<RelayConfig> | ((folder: string) => Partial<RelayConfig>)
}

/** Starts a relay in a temporary folder. `close` ends the relay and removes the folder. */
export async function startRelayInFolder({ seed, config = {} }: RelayOptions = {}): Promise<RelayInFolder> {
  const { folder, remove } = await temporaryFolder()
  const relay = await startRelay(folder, {
    seed: await writeSeed(folder, seed),
    ...(typeof config === 'function' ? config(folder) : config),
  })
  const close = async (): Promise<void> => {
    await relay.close()
    await remove()
  }
  return { ...relay, folder, close }
}

/** Starts a relay in a temporary folder and enrols a workstation in its department of radiology. */
export async function startEnrolledRelay(options: RelayOptions & { code?: string } = {}): Promise<EnrolledRelay> {
  const relay = await startRelayInFolder(options)
  return { ...relay, station: await enrolWorkstation(relay.fetch, options.code ?? 'RADI-OLOG-0001') }
}

/**
 * Makes and uploads a package with one small file, and confirms it as a share.
 * @param changes to the confirm request
 */
export async function shareOnce(
  { fetch, station }: Pick<EnrolledRelay, 'fetch' | 'station'>,
  changes: Partial<ConfirmRequest> = {},
) {
  const testPackage = await makePackage(station)
  await uploadPackage(fetch, station, testPackage)
  const request = confirmRequest(testPackage, changes)
  return { testPackage, request, receipt: await station.api.confirm(request) }
}

/** Returns the token in the first mail that the relay has sent to an address. */
export async function mailedToken(fetch: TestRelay['fetch'], email: string): Promise<string> {
  const [mail] = await shownMessages(fetch, email, 1)
  return tokenIn(mail?.body ?? '')
}
