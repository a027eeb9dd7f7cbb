/** The loading indicator, which a screen reader announces. */
import { Loader } from '@mantine/core'

export function Loading({ label }: { readonly label: string }) {
  return <Loader m="lg" role="status" aria-label={label} />
}
