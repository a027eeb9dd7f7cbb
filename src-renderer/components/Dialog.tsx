/** Dialogs and drawers for every screen. Each is one layer, which Esc closes when it is topmost. */
import { Drawer, Modal, type DrawerProps, type ModalProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useLayer } from '../state/layers.ts'

function useDialog({ opened, onClose }: { readonly opened: boolean; onClose(): void }) {
  const { t } = useTranslation('common')
  useLayer(opened, onClose)
  return { closeOnEscape: false, closeButtonProps: { 'aria-label': t('close') } }
}

export function Dialog(props: ModalProps) {
  return <Modal {...useDialog(props)} {...props} />
}

export function SideDrawer(props: DrawerProps) {
  return <Drawer {...useDialog(props)} position="right" {...props} />
}
