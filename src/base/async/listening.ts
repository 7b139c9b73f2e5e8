/** Servers of Node's that listen, or say why they cannot. */

import { once } from 'node:events'
import type { ListenOptions, Server } from 'node:net'

/** Listens at a port of an address or at a socket file; rejects with the system's error. */
export async function listening(server: Server, at: ListenOptions | string): Promise<void> {
  if (typeof at === 'string') server.listen(at)
  else server.listen(at)
  await once(server, 'listening')
}
