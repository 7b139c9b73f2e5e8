/** What can be wrong with a store as a whole. Each message says what to do. */

/**
 * `locked`: another server has it. `foreign`: not ours. `full`: no space. `gone`: its files were taken away under it.
 * `unusable`: it must be opened again. The others speak for themselves.
 */
export type StorageFault = 'locked' | 'foreign' | 'corrupt' | 'full' | 'unreadable' | 'closed' | 'gone' | 'unusable'

/** A failure of the store, not of one request. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly fault: StorageFault
  constructor(fault: StorageFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}

/** What every call to a closed store rejects with. */
export const closed = () => new StorageError('closed', 'the storage is closed')
