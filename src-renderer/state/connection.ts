/** The state of the connection to the relay, for the connection pill. */
import { useQuery } from '@tanstack/react-query'
import { api } from './client.ts'

export function useConnection() {
  return useQuery({ ...api.connection.state.queryOptions(), refetchInterval: 15_000 }).data
}
