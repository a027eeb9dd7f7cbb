/** Asks for confirmation of an act that cannot be undone. It names the consequence, and the focus starts on Cancel. */
import { Button, Group } from '@mantine/core'
import { Dialog } from './Dialog.tsx'

interface ConfirmDialogProps {
  readonly opened: boolean
  readonly title: string
  readonly text: string
  readonly confirm: string
  readonly keep: string
  onConfirm(): void
  onClose(): void
}

export function ConfirmDialog({ opened, title, text, confirm, keep, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={title} centered withCloseButton={false} zIndex={400}>
      <p style={{ marginTop: 0 }}>{text}</p>
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={onClose}>
          {keep}
        </Button>
        <Button bg="var(--op-bad-fill)" onClick={onConfirm}>
          {confirm}
        </Button>
      </Group>
    </Dialog>
  )
}
