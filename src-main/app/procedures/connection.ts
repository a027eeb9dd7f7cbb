/** Procedures of the group connection: whether the relay can be reached, and how many shares wait for it. */
import { signedIn } from '../rpc-context.ts'

export const connectionProcedures = {
  state: signedIn.connection.state.handler(async ({ context: { services, who } }) => ({
    ...services.sync.state(),
    relayUrl: who.enrolment.relayUrl,
    waiting: await services.storage.ledger.openCount(),
  })),
}
